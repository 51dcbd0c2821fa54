//! Facts in other formats.

use async_graphql::{Context, Object, Result};

use super::{error, snapshot};
use crate::export::{self, Format, Record};

/// Facts in other formats.
#[derive(Default)]
pub struct Exports;

/// What writing everything costs.
const COST: usize = 5_000;
/// More facts than this are exported on the command line.
const FACTS_MAX: u64 = 100_000;

#[Object]
impl Exports {
    /// All facts in another format, as one text; of Parquet, which is none, the bytes in base64. For up to 100,000 facts;
    /// `wherefore export` has no limit.
    #[graphql(complexity = "COST")]
    async fn export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The format.")] format: Format,
    ) -> Result<String> {
        let snapshot = snapshot::of(ctx)?;
        if snapshot.counts().map_err(|error| error::db(&error))?.facts > FACTS_MAX {
            return Err(error::input(
                "there are more than 100,000 facts; use `wherefore export --store DIR`",
            ));
        }
        let facts = snapshot.facts().map_err(|error| error::db(&error))?;
        let header = snapshot.header().map_err(|error| error::db(&error))?;
        let record = Record {
            header,
            facts: &facts,
        };
        let bytes = export::write(record, format).map_err(|error| error::input(error.to_string()))?;
        if format == Format::Parquet {
            return Ok(base64(&bytes));
        }
        String::from_utf8(bytes).map_err(|_| error::input("the format is no text; use `wherefore export`"))
    }
}

/// Bytes as text (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, place| {
            bits << 8 | u32::from(three.get(place).copied().unwrap_or(0))
        });
        for place in 0..4 {
            let letter = usize::try_from(bits >> (18 - 6 * place) & 63).unwrap_or(0);
            // A letter for each six bits that are there.
            let is_there = place <= three.len();
            text.push(if is_there {
                char::from(LETTERS[letter])
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn the_examples_of_the_standard() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xff, 0xfe, 0xfb]), "//77");
    }
}
