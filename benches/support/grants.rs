//! The grants of compensation that generated rule sets are made of. Who measures another engine writes the same grants
//! in its language.

pub const CLASSES: [&str; 12] = [
    "product.quality.blemish",
    "product.quality.damage",
    "product.quality.malfunction",
    "product.not_as_described.size",
    "product.not_as_described.colour",
    "product.shipment.wrong",
    "product.shipment.missing",
    "logistics.lost",
    "logistics.stalled",
    "logistics.damaged",
    "service.attitude",
    "other.general",
];

pub const KINDS: [&str; 5] = ["return_refund", "exchange", "compensation", "refund_only", "reissue"];

/// The lowest first. The last has no grants of its own.
pub const ROLES: [&str; 5] = ["agent", "senior_agent", "team_lead", "supervisor", "manager"];

/// For a proven issue of one class and a request of one kind, on an order of at most so many yuan, one role and those
/// above may give half of the order's amount, and no more than the cap.
#[derive(Debug, Clone, Copy)]
pub struct Grant {
    pub class: &'static str,
    pub kind: &'static str,
    pub role: &'static str,
    /// In yuan, as the cap.
    pub order_max: usize,
    pub cap: usize,
}

pub fn grants(count: usize) -> impl Iterator<Item = Grant> {
    let roles = &ROLES[..ROLES.len() - 1];
    (0..count).map(move |rule| Grant {
        class: CLASSES[rule % CLASSES.len()],
        kind: KINDS[rule / CLASSES.len() % KINDS.len()],
        role: roles[rule / (CLASSES.len() * KINDS.len()) % roles.len()],
        order_max: 1000 + rule,
        cap: 300 + rule % 7 * 100,
    })
}
