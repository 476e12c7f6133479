//! Each engine, as somebody who knows it would use it: rules compiled beforehand, nothing made anew that need not be.

pub use self::by_hand::{ByHand, Naive};
pub use self::cel::Cel;
pub use self::redress::{Ready, Redress};
pub use self::rhai::Rhai;
pub use self::zen::Zen;

use crate::question::{Answer, Question};

mod by_hand;
mod cel;
mod redress;
mod rhai;
mod zen;

pub trait Engine {
    /// What a request is once it has been read off the wire. To make of it what the engine wants is the engine's part.
    type Input;

    fn input(&mut self, question: &Question) -> Self::Input;

    fn answer(&mut self, input: &Self::Input) -> Answer;
}
