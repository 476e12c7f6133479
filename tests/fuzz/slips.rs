//! Slips that any bytes may suffer: something lost, doubled, moved, or another thing in its place.

use crate::support::random::Dice;

/// One slip in `bytes`. `words` are what the form is made of.
pub fn slip(bytes: &[u8], words: &[&[u8]], dice: &mut Dice) -> Vec<u8> {
    let mut slipped = bytes.to_vec();
    let at = index(dice, slipped.len() + 1);
    let end = (at + index(dice, 12)).min(slipped.len());
    match dice.below(9) {
        0 => drop(slipped.drain(at..end)),
        1 => slipped.truncate(at),
        2 => {
            let again = slipped[at..end].to_vec();
            slipped.splice(at..at, again);
        }
        3 => {
            let moved: Vec<u8> = slipped.drain(at..end).collect();
            let to = index(dice, slipped.len() + 1);
            slipped.splice(to..to, moved);
        }
        4 => {
            if let Some(byte) = slipped.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
        5 => {
            if let Some(byte) = slipped.get_mut(at) {
                *byte = u8::try_from(dice.below(256)).unwrap();
            }
        }
        _ => {
            let word = words[index(dice, words.len())];
            slipped.splice(at..if dice.below(2) == 0 { at } else { end }, word.iter().copied());
        }
    }
    slipped
}

/// Lines of a text, one of them lost, doubled, moved or one step in or out.
pub fn lines(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let at = index(dice, lines.len());
    match dice.below(5) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at].clone()),
        2 => {
            let to = index(dice, lines.len());
            lines.swap(at, to);
        }
        3 => drop(lines[at].splice(0..0, *b"  ")),
        _ => {
            let indent = lines[at].iter().take_while(|byte| **byte == b' ').count().min(2);
            lines[at].drain(..indent);
        }
    }
    lines.concat()
}

pub fn index(dice: &mut Dice, bound: usize) -> usize {
    usize::try_from(dice.below(bound as u64)).unwrap()
}

/// A number that is the same for the same bytes: which of the costlier promises they are held to.
pub fn mark(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |mark, byte| (mark ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
