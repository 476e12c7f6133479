//! A day's queue of mixed cases, the same for ever from its seed, as a helpdesk would hold it at 15:00 on a Sunday.

use std::fmt::Write as _;

use chrono::{TimeDelta, TimeZone};

use crate::support::random::{Dice, NOW};

/// One open case: what it is, and the case as people write it.
pub struct Open {
    pub key: String,
    pub yaml: String,
}

/// So many minutes from 15:00, negative before.
fn at(minutes: i64) -> String {
    let now = chrono_tz::Asia::Shanghai.timestamp_nanos(NOW);
    (now + TimeDelta::minutes(minutes)).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Between two minutes, in steps that no quarter of an hour hides.
fn between(dice: &mut Dice, from: i64, until: i64) -> i64 {
    from + i64::try_from(dice.below(u64::try_from(until - from).unwrap())).unwrap()
}

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

pub fn queue(seed: u64, count: usize) -> Vec<Open> {
    let mut dice = Dice::new(seed);
    (0..count).map(|number| open(&mut dice, number)).collect()
}

fn open(dice: &mut Dice, number: usize) -> Open {
    let (kind, mut yaml) = situation(dice);
    let mut key = format!("{number:04} {kind}");
    match dice.below(12) {
        0 => yaml += "  customer: { words: [再不处理我就打 12315] }\n",
        1 => yaml += "  customer: { tier: vip, words: [] }\n",
        _ => yaml += "  customer: { tier: ordinary, words: [麻烦看一下] }\n",
    }
    if yaml.contains("12315") {
        key += ", threatens";
    } else if yaml.contains("vip") {
        key += ", vip";
    }
    if !yaml.contains("helpdesk") && dice.below(2) == 0 {
        let opened = between(dice, -15 * HOUR - 10, 0);
        let escalated = dice.below(10) == 0;
        let answered = at(opened);
        writeln!(
            yaml,
            "  helpdesk: {{ status: open, opened_at: {answered}, first_responded_at: {answered}, escalated: {escalated} }}"
        )
        .unwrap();
        key += if escalated { ", escalated" } else { "" };
    }
    Open { key, yaml }
}

/// What the case is about; minutes are those of its dates.
fn situation(dice: &mut Dice) -> (&'static str, String) {
    match dice.below(12) {
        0 => ("refund-only in transit", refund_only(dice)),
        1 => ("return awaits the answer", awaiting_answer(dice)),
        2 => {
            let approved = at(between(dice, -7 * DAY, 0));
            (
                "buyer has to ship",
                format!(
                    "  request: {{ type: return_refund, status: awaiting_return, received: true, approved_at: {approved} }}\n"
                ),
            )
        }
        3 => ("return on its way", returning(dice, false)),
        4 => ("return signed for", returning(dice, true)),
        5 => {
            let (rejected, reachable) = (at(between(dice, -7 * DAY - 3 * HOUR, 0)), dice.below(2) == 0);
            (
                "rejected",
                format!(
                    "  request: {{ type: return_refund, status: rejected, received: true, rejected_at: {rejected} }}\n  customer.reachable: {reachable}\n"
                ),
            )
        }
        6 => {
            let paid = at(between(dice, -25 * HOUR, 0));
            (
                "not shipped",
                format!(
                    "  order: {{ status: paid, paid_at: {paid}, made_to_order: false }}\n  outbound.status: not_sent\n"
                ),
            )
        }
        7 => {
            let moved = at(between(dice, -49 * HOUR, 0));
            (
                "stalled",
                format!("  order.status: shipped\n  outbound: {{ status: in_transit, last_movement_at: {moved} }}\n"),
            )
        }
        8 => {
            let confirmed = at(between(dice, -5 * DAY, 0));
            (
                "missing goods",
                format!(
                    "  issue: {{ class: product.shipment.missing, confirmed: true, confirmed_at: {confirmed} }}\n  request.type: none\n"
                ),
            )
        }
        9 => ("new ticket", ticket(dice)),
        10 => {
            let due = at(between(dice, -2 * HOUR, 72 * HOUR));
            (
                "dispute",
                format!("  dispute: {{ status: awaiting_seller, opened_at: {}, due_at: {due} }}\n", at(-3 * DAY)),
            )
        }
        _ => {
            let completed = at(between(dice, -20 * DAY, 0));
            (
                "after success",
                format!("  order: {{ status: completed, completed_at: {completed} }}\n  request.type: none\n"),
            )
        }
    }
}

fn refund_only(dice: &mut Dice) -> String {
    let applied = between(dice, -52 * HOUR, 0);
    let mut yaml = format!(
        "  order.status: shipped\n  outbound: {{ status: in_transit, last_movement_at: {} }}\n  request: {{ type: refund_only, \
         status: awaiting_approval, received: false, applied_at: {} ",
        at(-HOUR),
        at(applied)
    );
    if dice.below(2) == 0 {
        write!(yaml, ", platform_deadline: {{ kind: seller_approval, at: {} }} ", at(applied + 48 * HOUR)).unwrap();
    }
    yaml + "}\n"
}

fn awaiting_answer(dice: &mut Dice) -> String {
    let applied = between(dice, -5 * DAY - HOUR, 0);
    format!(
        "  issue: {{ class: product.subjective.does_not_fit, proven: true }}\n  request: {{ type: return_refund, status: \
         awaiting_approval, received: true, applied_at: {}, platform_deadline: {{ kind: seller_approval, at: {} }} }}\n",
        at(applied),
        at(applied + 5 * DAY)
    )
}

fn returning(dice: &mut Dice, signed: bool) -> String {
    let filed = between(dice, -9 * DAY, -DAY);
    let mut yaml = format!(
        "  request: {{ type: return_refund, status: awaiting_receipt, received: true, approved_at: {} }}\n  return_parcel: {{ \
         tracking_number: SF1, filled_at: {}",
        at(filed - DAY),
        at(filed)
    );
    if signed {
        write!(yaml, ", status: signed, signed_at: {} }}\n  evidence: []\n", at(between(dice, -6 * HOUR, 0))).unwrap();
    } else {
        yaml += ", status: in_transit }\n";
    }
    yaml
}

fn ticket(dice: &mut Dice) -> String {
    let (opened, platform) = (at(between(dice, -40, 0)), dice.below(2) == 0);
    format!("  helpdesk: {{ status: open, opened_at: {opened}, platform_ticket: {platform} }}\n")
}
