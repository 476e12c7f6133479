//! The cases of a day, made from a seed: what customers come with, told as a helpdesk would send it, some facts left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::support::random::Dice;

/// A case as a front end writes it.
#[derive(Debug)]
pub struct Scene {
    pub name: String,
    pub text: String,
}

/// `count` cases; the same seed makes the same day.
pub fn day(seed: u64, count: usize) -> Vec<Scene> {
    let mut dice = Dice::new(seed);
    (0..count).map(|number| scene(number, &mut dice)).collect()
}

/// What is known of one case, by section and key.
struct Sheet<'d> {
    dice: &'d mut Dice,
    sections: BTreeMap<&'static str, Vec<(&'static str, String)>>,
    /// Hours after midnight of the day.
    hour: i64,
}

/// Writes what is known of one kind of case, and gives the action to ask about.
type Filling = fn(&mut Sheet<'_>) -> &'static str;

const KINDS: [(&str, Filling); 16] = [
    ("quality", quality),
    ("quality-refund", quality_refund),
    ("unwanted", unwanted),
    ("in-transit", in_transit),
    ("courier", courier),
    ("not-shipped", not_shipped),
    ("shipment", shipment),
    ("exchange", exchange),
    ("repair", repair),
    ("money", money),
    ("came-back", came_back),
    ("intervention", intervention),
    ("review", review),
    ("out-of-zone", out_of_zone),
    ("service", service),
    ("asking", asking),
];

const QUALITY: [&str; 4] =
    ["product.quality.damage", "product.quality.malfunction", "product.quality.blemish", "product.quality.taste_smell"];

fn scene(number: usize, dice: &mut Dice) -> Scene {
    let (kind, make) = KINDS[number % KINDS.len()];
    let hour = 8 + i64::try_from(dice.below(16)).unwrap();
    let minute = dice.below(60);
    let role = dice.of(&["agent", "agent", "agent", "senior_agent", "team_lead", "supervisor"]).to_owned();
    let mut sheet = Sheet { dice, sections: BTreeMap::new(), hour };
    everyday(&mut sheet, number);
    let action = make(&mut sheet);
    let action = action.replace("{amount}", &sheet.amount_of_action());
    let mut text = format!(
        "as_of: 2026-11-22T{hour:02}:{minute:02}:00+08:00\nactor: {{ id: a{number}, role: {role}, sub_account: true }}\naction: {action}\ncase:\n"
    );
    for (section, facts) in &sheet.sections {
        if *section == "evidence" {
            writeln!(text, "  evidence: {}", facts[0].1).unwrap();
            continue;
        }
        writeln!(text, "  {section}:").unwrap();
        for (key, value) in facts {
            writeln!(text, "    {key}: {value}").unwrap();
        }
    }
    Scene { name: format!("{number:03}-{kind}"), text }
}

impl Sheet<'_> {
    /// A fact of the case; what stood there gives way.
    fn put(&mut self, section: &'static str, key: &'static str, value: impl Into<String>) {
        let facts = self.sections.entry(section).or_default();
        facts.retain(|(known, _)| *known != key);
        facts.push((key, value.into()));
    }

    /// A fact that one front end in five does not know.
    fn maybe(&mut self, section: &'static str, key: &'static str, value: impl Into<String>) {
        if !self.one_in(5) {
            self.put(section, key, value);
        }
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.dice.below(sides) == 0
    }

    fn flag(&mut self) -> String {
        (self.dice.below(2) == 0).to_string()
    }

    /// So many hours before the hour of the case, and at most as many again.
    fn ago(&mut self, hours: i64) -> String {
        let back = hours + i64::try_from(self.dice.below(u64::try_from(hours).unwrap() + 1)).unwrap();
        instant(self.hour - back)
    }

    fn get(&self, section: &str, key: &str) -> Option<&str> {
        let facts = self.sections.get(section)?;
        facts.iter().find(|(known, _)| *known == key).map(|(_, value)| value.as_str())
    }

    fn amount_of_action(&mut self) -> String {
        let amount = self.get("order", "amount").unwrap().to_owned();
        let half = format!("{:.2}", amount.parse::<f64>().unwrap() / 2.0);
        self.dice.of(&[&*amount, &*half, "20.00", "300.00"]).to_owned()
    }

    fn request(&mut self, ty: &str, class: &str) {
        self.put("request", "type", ty);
        self.put("request", "status", "awaiting_approval");
        let applied = self.ago(12);
        self.put("request", "applied_at", applied);
        self.maybe("issue", "class", class);
        let stated = if self.one_in(4) { "product.quality.blemish" } else { class };
        self.maybe("request", "reason_class", stated);
    }

    fn arrived(&mut self, hours: i64) {
        let signed = self.ago(hours);
        self.put("order", "status", "signed");
        self.put("order", "signed_at", signed);
        self.put("outbound", "status", "signed");
        self.put("request", "received", "true");
    }
}

/// `hours` after midnight of the day, days before it where negative.
fn instant(hours: i64) -> String {
    let day = 22 + hours.div_euclid(24);
    let (month, day) = if day > 0 { (11, day) } else { (10, day + 31) };
    format!("2026-{month:02}-{day:02}T{:02}:00:00+08:00", hours.rem_euclid(24))
}

/// What is known of every case.
fn everyday(sheet: &mut Sheet<'_>, number: usize) {
    let amount =
        sheet.dice.of(&["29.90", "68.00", "99.00", "150.00", "150.01", "329.00", "800.00", "2680.00"]).to_owned();
    sheet.put("order", "id", format!("T{number:04}"));
    sheet.put("order", "amount", &*amount);
    sheet.maybe("order", "paid", &*amount);
    sheet.maybe("order", "compensated", "0");
    sheet.maybe("order", "item_count", "1");
    sheet.maybe("order", "is_set", "false");
    let free = sheet.flag();
    sheet.maybe("order", "free_shipping", free);
    sheet.maybe("order", "no_reason_return", "true");
    sheet.maybe("order", "made_to_order", "false");
    let registered = sheet.flag();
    sheet.maybe("order", "ledger_registered", registered);
    let platform = sheet.dice.of(&["taobao", "tmall", "douyin", "pinduoduo", "jd", "wechat"]).to_owned();
    sheet.put("shop", "platform", &*platform);
    sheet.put("shop", "id", format!("shop-{platform}"));
    let mode = sheet.dice.of(&["urgent", "stable"]).to_owned();
    sheet.maybe("shop", "mode", mode);
    let tier = sheet.dice.of(&["ordinary", "ordinary", "vip"]).to_owned();
    sheet.maybe("customer", "tier", tier);
    let risk = sheet.dice.of(&["low", "low", "medium", "high"]).to_owned();
    sheet.maybe("customer", "risk", risk);
    let words = sheet.dice.of(&["[谢谢]", "[怎么处理]", "[不处理就投诉]", "[１２３１５见]", "[给个说法]"]).to_owned();
    sheet.maybe("customer", "words", words);
    sheet.maybe("customer", "reachable", "true");
    let responsible = sheet.dice.of(&["seller", "buyer", "courier", "nobody"]).to_owned();
    sheet.maybe("issue", "responsible", responsible);
    sheet.maybe("request", "refused", "[]");
    let deadline = instant(sheet.hour + 30);
    if sheet.one_in(3) {
        sheet.put("request", "platform_deadline", format!("{{ kind: seller_approval, at: {deadline} }}"));
    }
}

fn quality(sheet: &mut Sheet<'_>) -> &'static str {
    let class = sheet.dice.of(&QUALITY).to_owned();
    sheet.request("return_refund", &class);
    sheet.arrived(72);
    let (proven, confirmed, loss) = (sheet.flag(), sheet.flag(), sheet.one_in(4).to_string());
    sheet.maybe("issue", "proven", proven);
    sheet.maybe("issue", "confirmed", confirmed);
    sheet.maybe("issue", "major_loss", loss);
    if sheet.one_in(3) {
        sheet.put("request", "refused", "[compensate, exchange]");
    }
    "{ name: compensate, amount: {amount} }"
}

fn quality_refund(sheet: &mut Sheet<'_>) -> &'static str {
    let class = sheet.dice.of(&QUALITY).to_owned();
    sheet.request("refund_only", &class);
    sheet.arrived(48);
    let proven = sheet.flag();
    sheet.maybe("issue", "proven", proven);
    let evidence = sheet.dice.of(&["[]", "[{ kind: photo, by: buyer }]"]).to_owned();
    sheet.put("evidence", "", evidence);
    if sheet.one_in(3) {
        sheet.put("customer", "reachable", "false");
    }
    "{ name: reject, executing: true }"
}

fn unwanted(sheet: &mut Sheet<'_>) -> &'static str {
    let class = sheet.dice.of(&["product.subjective.does_not_fit", "product.subjective.unwanted"]).to_owned();
    sheet.request("return_refund", &class);
    sheet.arrived(140);
    let cut = sheet.one_in(4).to_string();
    sheet.maybe("order", "tag_cut", cut);
    sheet.maybe("order", "seal_opened", "false");
    "{ name: reject, executing: false }"
}

fn in_transit(sheet: &mut Sheet<'_>) -> &'static str {
    sheet.request("refund_only", "product.subjective.unwanted");
    sheet.put("order", "status", "shipped");
    let status =
        sheet.dice.of(&["picked_up", "in_transit", "out_for_delivery", "at_pickup_point", "returning"]).to_owned();
    sheet.put("outbound", "status", status);
    let (picked, moved, applied) = (sheet.ago(40), sheet.ago(10), sheet.ago(30));
    sheet.put("outbound", "pickup_scanned_at", picked);
    sheet.put("outbound", "last_movement_at", moved);
    sheet.put("request", "applied_at", applied);
    sheet.put("request", "received", "false");
    "{ name: refund, amount: {amount}, executing: true }"
}

fn courier(sheet: &mut Sheet<'_>) -> &'static str {
    let status = sheet.dice.of(&["in_transit", "held", "picked_up", "lost", "damaged", "destroyed"]).to_owned();
    sheet.request("refund_only", "logistics.stalled");
    sheet.put("order", "status", "shipped");
    sheet.put("outbound", "status", status);
    let (picked, moved) = (sheet.ago(60), sheet.ago(30));
    sheet.put("outbound", "pickup_scanned_at", picked);
    sheet.maybe("outbound", "last_movement_at", moved);
    sheet.put("outbound", "tracking_number", "YT8841100267");
    sheet.put("request", "received", "false");
    "{ name: reissue, executing: true }"
}

fn not_shipped(sheet: &mut Sheet<'_>) -> &'static str {
    let amount = sheet.get("order", "amount").unwrap().to_owned();
    sheet.request("refund_only", "logistics.not_shipped");
    let paid = sheet.ago(18);
    sheet.put("order", "status", "paid");
    sheet.put("order", "paid_at", paid);
    sheet.put("outbound", "status", "not_sent");
    let looked_up = instant(sheet.hour);
    sheet.maybe("outbound", "observed_at", looked_up);
    // Most who no longer want what has not left are nobody to worry about.
    if !sheet.one_in(4) {
        sheet.put("customer", "risk", "low");
        sheet.put("customer", "words", "[不想要了]");
        sheet.put("order", "paid", &*amount);
    }
    sheet.put("request", "received", "false");
    sheet.put("request", "asked_amount", amount);
    let promised = sheet.ago(6);
    sheet.maybe("order", "promised_shipping_at", promised);
    "{ name: refund, amount: {amount} }"
}

fn shipment(sheet: &mut Sheet<'_>) -> &'static str {
    let class = sheet.dice.of(&["product.shipment.wrong", "product.shipment.missing"]).to_owned();
    let ty = sheet.dice.of(&["reissue", "exchange", "refund_only"]).to_owned();
    sheet.request(&ty, &class);
    sheet.arrived(20);
    let (mine, loss) = (sheet.flag(), sheet.flag());
    sheet.maybe("issue", "own_mistake", &*mine);
    sheet.maybe("issue", "shipment_checked", mine);
    sheet.put("issue", "shop_loss", loss);
    "{ name: reissue, executing: false }"
}

fn exchange(sheet: &mut Sheet<'_>) -> &'static str {
    let class = sheet.dice.of(&["product.not_as_described.size", "product.subjective.does_not_fit"]).to_owned();
    sheet.request("exchange", &class);
    sheet.arrived(60);
    let stock = sheet.dice.of(&["in_stock", "out_of_stock", "discontinued"]).to_owned();
    sheet.maybe("request", "replacement_stock", stock);
    if sheet.one_in(2) {
        let (picked, scanned) = (sheet.ago(12), sheet.ago(4));
        sheet.put("request", "status", "awaiting_receipt");
        sheet.put("return_parcel", "status", "in_transit");
        sheet.put("return_parcel", "pickup_scanned_at", picked);
        sheet.maybe("return_parcel", "last_scan_at", scanned);
    }
    "{ name: early_exchange, executing: true }"
}

fn repair(sheet: &mut Sheet<'_>) -> &'static str {
    sheet.request("repair", "product.quality.malfunction");
    sheet.arrived(200);
    let stage = sheet.dice.of(&["sent_by_buyer", "received", "repairing", "repaired", "returned"]).to_owned();
    sheet.maybe("request", "repair_stage", stage);
    let (three, service) = (sheet.flag(), sheet.flag());
    let until = sheet.dice.of(&["2026-10-01", "2027-10-01"]).to_owned();
    sheet.put(
        "order",
        "warranty",
        format!("{{ three_guarantees: {three}, statutory_until: {until}, in_service: {service} }}"),
    );
    "{ name: repair }"
}

fn money(sheet: &mut Sheet<'_>) -> &'static str {
    let ty = sheet.dice.of(&["compensation", "price_difference"]).to_owned();
    let class = sheet.dice.of(&["product.quality.blemish", "service.promise", "product.other"]).to_owned();
    sheet.request(&ty, &class);
    sheet.arrived(30);
    let asked = sheet.dice.of(&["5.00", "30.00", "400.00", "3000.00"]).to_owned();
    sheet.maybe("request", "asked_amount", asked);
    let excessive = sheet.one_in(4).to_string();
    sheet.maybe("request", "excessive", excessive);
    "{ name: compensate, amount: {amount} }"
}

fn came_back(sheet: &mut Sheet<'_>) -> &'static str {
    let class = sheet.dice.of(&[
        "other.returned.swapped",
        "other.returned.empty",
        "other.returned.short",
        "other.returned.resale",
    ]);
    let class = class.to_owned();
    sheet.request("return_refund", &class);
    sheet.arrived(140);
    sheet.put("request", "status", "awaiting_receipt");
    let reason = sheet.dice.of(&["product.quality.blemish", "product.subjective.does_not_fit"]).to_owned();
    sheet.put("request", "approved_reason", reason);
    sheet.put("return_parcel", "status", "signed");
    let signed = sheet.ago(5);
    sheet.maybe("return_parcel", "signed_at", signed);
    let effect = sheet.dice.of(&["none", "slight", "serious"]).to_owned();
    sheet.put("inspection", "resale_effect", effect);
    sheet.maybe("inspection", "report_ready", "true");
    sheet.maybe("request", "negotiated", "true");
    "{ name: reject, ground: other.returned.resale }"
}

fn intervention(sheet: &mut Sheet<'_>) -> &'static str {
    sheet.request("return_refund", "product.quality.blemish");
    sheet.arrived(100);
    let status = sheet.dice.of(&["under_arbitration", "rejected"]).to_owned();
    let (rejected, unreasonable) = (sheet.ago(120), sheet.flag());
    sheet.put("request", "status", status);
    sheet.put("request", "rejected_at", rejected);
    sheet.put("request", "rejections", "1");
    sheet.maybe("request", "unreasonable", unreasonable);
    let status = sheet.dice.of(&["awaiting_seller", "in_review", "decided"]).to_owned();
    let (opened, due) = (sheet.ago(24), instant(sheet.hour + 20));
    sheet.put("dispute", "id", "D1");
    sheet.put("dispute", "kind", "rights_case");
    sheet.put("dispute", "status", status);
    sheet.put("dispute", "opened_at", opened);
    sheet.maybe("dispute", "evidence_due_at", due);
    "{ name: apply_intervention }"
}

fn review(sheet: &mut Sheet<'_>) -> &'static str {
    sheet.request("none", "product.not_as_described.colour");
    sheet.put("request", "status", "not_applied");
    sheet.arrived(90);
    let rating = sheet.dice.of(&["bad", "middling", "good"]).to_owned();
    sheet.put("issue", "review_published", "true");
    sheet.maybe("issue", "review_rating", rating);
    "{ name: compensate, amount: {amount}, settles_review: true }"
}

fn out_of_zone(sheet: &mut Sheet<'_>) -> &'static str {
    let class =
        sheet.dice.of(&["logistics.out_of_zone", "logistics.blind_area", "logistics.suspended_station"]).to_owned();
    sheet.request("none", &class);
    sheet.put("request", "status", "not_applied");
    sheet.put("order", "status", "shipped");
    sheet.put("outbound", "status", "held");
    let moved = sheet.ago(20);
    sheet.put("outbound", "last_movement_at", moved);
    sheet.put("outbound", "carrier", "韵达");
    sheet.put("outbound", "exception", "超区");
    sheet.put("request", "received", "false");
    "{ name: intercept, leg: outbound }"
}

fn service(sheet: &mut Sheet<'_>) -> &'static str {
    let class =
        sheet.dice.of(&["service.attitude", "service.invoice", "service.slow", "other.counterfeit_claim"]).to_owned();
    sheet.request("none", &class);
    sheet.arrived(30);
    let (opened, escalated) = (sheet.ago(3), sheet.flag());
    sheet.put("helpdesk", "opened_at", opened);
    sheet.maybe("helpdesk", "escalated", escalated);
    "{ name: compensate, amount: {amount} }"
}

fn asking(sheet: &mut Sheet<'_>) -> &'static str {
    sheet.put("request", "type", "none");
    sheet.put("request", "status", "not_applied");
    let definite = sheet.flag();
    sheet.maybe("request", "definite", definite);
    let class = sheet.dice.of(&[
        "product.subjective.below_expectation",
        "product.quality.malfunction",
        "other.customer_damage",
    ]);
    let class = class.to_owned();
    sheet.maybe("issue", "class", class);
    sheet.arrived(40);
    "{ name: guide }"
}
