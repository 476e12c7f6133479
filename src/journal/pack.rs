//! What is packed away: closed segments, and the bundles that answers were given from.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::source::{Sources, digest};

/// No segment is larger, nor a bundle as it is kept: the largest segment that can be asked for and what one write may
/// add to it. A small file can be made that unpacks to a thousand times its size, and is not unpacked further.
const UNPACKED_MAX: u64 = 1_280 << 20;

/// A bundle as it is kept beside the log.
#[derive(Debug, Serialize, Deserialize)]
struct Packed {
    digest: String,
    /// By path.
    files: BTreeMap<String, String>,
}

/// The file of the bundle with this digest.
pub fn bundle_name(digest: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!("bundles/{}.json.gz", digest.chars().map(plain).collect::<String>())
}

/// Packs the sources of a bundle.
pub fn bundle(sources: &Sources) -> io::Result<Vec<u8>> {
    let files = sources.iter().map(|source| (source.path().to_owned(), source.text().to_owned())).collect();
    let packed = Packed { digest: sources.digest().to_owned(), files };
    compressed(&serde_json::to_vec(&packed)?)
}

/// The files of a packed bundle, if they are those of `wanted`.
pub fn unbundle(bytes: &[u8], wanted: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let packed: Packed = serde_json::from_slice(&uncompressed(bytes).ok()?).ok()?;
    let files: Vec<_> = packed.files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
    (digest(&files) == wanted).then_some(files)
}

pub fn compressed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

pub fn uncompressed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    unpacked(bytes, UNPACKED_MAX)
}

fn unpacked(bytes: &[u8], most: u64) -> io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    let mut decoder = MultiGzDecoder::new(bytes).take(most);
    decoder.read_to_end(&mut plain)?;
    // Only what is there beyond the limit tells that it was met.
    if decoder.limit() == 0 && decoder.into_inner().read(&mut [0])? > 0 {
        return Err(io::Error::other(format!("it unpacks to more than {most} bytes")));
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Problems;

    #[test]
    fn what_unpacks_to_more_than_there_may_be_is_not_unpacked() {
        let packed = compressed(&[0; 10_000]).unwrap();
        assert!(packed.len() < 100);
        assert_eq!(unpacked(&packed, 10_000).unwrap().len(), 10_000);
        assert_eq!(unpacked(&packed, 9_999).unwrap_err().to_string(), "it unpacks to more than 9999 bytes");
        let again = [&packed[..], &packed].concat();
        assert_eq!(unpacked(&again, 20_000).unwrap().len(), 20_000);
        assert!(unpacked(&again, 10_000).is_err());
    }

    #[test]
    fn a_packed_bundle_comes_back_and_none_is_taken_for_another() {
        let sources =
            Sources::new([("a.yaml", "\u{feff}甲: 1\r\n"), ("b/c.rhai", "fn x() {}")], &mut Problems::default());
        let packed = bundle(&sources).unwrap();
        let files = unbundle(&packed, sources.digest()).unwrap();
        assert_eq!(Sources::new(files, &mut Problems::default()).digest(), sources.digest());
        assert_eq!(unbundle(&packed, "blake3:00"), None);
        assert_eq!(unbundle(b"no gzip", sources.digest()), None);
        assert_eq!(bundle_name("blake3:0f/.."), "bundles/blake3-0f---.json.gz");
    }
}
