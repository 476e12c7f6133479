//! Slips in a protobuf message, field by field: what bytes alone seldom hit, since every length around would have to
//! slip with them.

use crate::fuzz::slips::{self, index};
use crate::support::random::Dice;

/// One field: the bytes of its key, and what it holds.
#[derive(Clone)]
struct Field {
    key: u64,
    held: Held,
}

#[derive(Clone)]
enum Held {
    Number(u64),
    Fixed(Vec<u8>),
    Bytes(Vec<u8>),
}

/// One slip in the fields of a message or of one inside it.
pub fn slip(message: &[u8], words: &[&[u8]], dice: &mut Dice) -> Vec<u8> {
    let Some(mut fields) = fields(message).filter(|fields| !fields.is_empty()) else {
        return slips::slip(message, words, dice);
    };
    let at = index(dice, fields.len());
    if let Held::Bytes(inner) = &mut fields[at].held
        && index(dice, 4) > 0
    {
        let slipped = slip(inner, words, dice);
        *inner = slipped;
        return written(&fields);
    }
    match dice.below(6) {
        0 => drop(fields.remove(at)),
        1 => fields.insert(at, fields[at].clone()),
        2 => {
            let to = index(dice, fields.len());
            fields.swap(at, to);
        }
        // Another field of the message, or another type on the wire.
        3 => fields[at].key = (u64::try_from(index(dice, 40)).unwrap() << 3) | (fields[at].key & 7),
        4 => {
            let to = index(dice, fields.len());
            fields[at].held = fields[to].held.clone();
        }
        _ => match &mut fields[at].held {
            Held::Number(number) => {
                let edges = [0, 1, 2, 7, 100, 1 << 31, u64::MAX, 1 << 63, *number ^ 1, number.wrapping_add(1)];
                *number = edges[index(dice, edges.len())];
            }
            Held::Fixed(bytes) => bytes.reverse(),
            Held::Bytes(bytes) => *bytes = words[index(dice, words.len())].to_vec(),
        },
    }
    written(&fields)
}

fn fields(mut bytes: &[u8]) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = number(&mut bytes)?;
        let held = match key & 7 {
            0 => Held::Number(number(&mut bytes)?),
            1 => Held::Fixed(taken(&mut bytes, 8)?),
            2 => {
                let length = usize::try_from(number(&mut bytes)?).ok()?;
                Held::Bytes(taken(&mut bytes, length)?)
            }
            5 => Held::Fixed(taken(&mut bytes, 4)?),
            _ => return None,
        };
        fields.push(Field { key, held });
    }
    Some(fields)
}

fn written(fields: &[Field]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for Field { key, held } in fields {
        let kind = match held {
            Held::Number(_) => 0,
            Held::Fixed(fixed) => {
                if fixed.len() == 8 {
                    1
                } else {
                    5
                }
            }
            Held::Bytes(_) => 2,
        };
        prost::encoding::encode_varint((key & !7) | kind, &mut bytes);
        match held {
            Held::Number(number) => prost::encoding::encode_varint(*number, &mut bytes),
            Held::Fixed(fixed) => bytes.extend_from_slice(fixed),
            Held::Bytes(inner) => {
                prost::encoding::encode_varint(inner.len() as u64, &mut bytes);
                bytes.extend_from_slice(inner);
            }
        }
    }
    bytes
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    prost::encoding::decode_varint(bytes).ok()
}

fn taken(bytes: &mut &[u8], length: usize) -> Option<Vec<u8>> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken.to_vec())
}
