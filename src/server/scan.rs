//! A first look at the text of a GraphQL document, before any parser sees it.
//!
//! The parser recurses into brackets and allocates for every token, so its time, memory and stack depend on the
//! text alone. One pass over the bytes, without recursion, bounds both.

/// The deepest nesting of brackets of any kind.
const BRACKETS_DEPTH_MAX: u32 = 64;
/// The most tokens: names, numbers, strings and punctuation.
const TOKENS_MAX: u32 = 15_000;

/// Whether the text is small and flat enough to be parsed; otherwise what is wrong with it. Texts that are no
/// GraphQL at all are left to the parser to explain. Cost: one pass over the text.
pub fn check(text: &str) -> Result<(), &'static str> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut tokens) = (0, 0_u32, 0_u32);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'#' => at = end_of_line(bytes, at),
            b'"' => {
                at = end_of_string(bytes, at);
                tokens += 1;
            }
            b'{' | b'[' | b'(' => {
                depth += 1;
                tokens += 1;
                at += 1;
            }
            b'}' | b']' | b')' => {
                depth = depth.saturating_sub(1);
                tokens += 1;
                at += 1;
            }
            b' ' | b'\t' | b'\r' | b'\n' | b',' => at += 1,
            byte if is_word(*byte) => {
                at += bytes[at..].iter().take_while(|byte| is_word(**byte)).count();
                tokens += 1;
            }
            _ => {
                at += 1;
                tokens += 1;
            }
        }
        if depth > BRACKETS_DEPTH_MAX {
            return Err("the document nests brackets more than 64 deep");
        }
        if tokens > TOKENS_MAX {
            return Err("the document has more than 15,000 tokens; send long texts as variables");
        }
    }
    Ok(())
}

/// Bytes of names and numbers, and of anything beyond ASCII.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte == b'.' || byte >= 0x80
}

fn end_of_line(bytes: &[u8], from: usize) -> usize {
    let rest = &bytes[from..];
    from + rest
        .iter()
        .position(|byte| matches!(byte, b'\n' | b'\r'))
        .unwrap_or(rest.len())
}

/// The position after the string or block string that begins at `from`.
fn end_of_string(bytes: &[u8], from: usize) -> usize {
    let is_block = bytes[from..].starts_with(b"\"\"\"");
    let mut at = from + if is_block { 3 } else { 1 };
    while let Some(byte) = bytes.get(at) {
        match byte {
            // In a block string only `\"""` is an escape, and skipping one byte more is enough to get past it.
            b'\\' => at += 2,
            b'"' if !is_block => return at + 1,
            b'"' if bytes[at..].starts_with(b"\"\"\"") => return at + 3,
            // An unfinished string ends with its line; the parser refuses the document.
            b'\n' | b'\r' if !is_block => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn brackets_and_tokens_are_counted_outside_strings_and_comments() {
        let flat = "{".repeat(64) + &"}".repeat(64);
        assert_eq!(check(&flat), Ok(()));
        assert!(check(&"{".repeat(65)).is_err());
        assert!(check(&("# ".to_owned() + &"{".repeat(65))).is_ok());
        assert!(check(&format!("{{ a(b: \"{}\") }}", "{".repeat(65))).is_ok());
        assert!(
            check(&format!(
                "{{ a(b: \"\"\"{}\n \\\"\"\" {}\"\"\") }}",
                "{".repeat(65),
                "{".repeat(65)
            ))
            .is_ok()
        );
        assert!(check(&format!("{{ a(b: \"\\\"\") {} }}", "{".repeat(64))).is_err());
        assert!(check(&"a ".repeat(15_000)).is_ok());
        assert!(check(&"a ".repeat(15_001)).is_err());
    }

    #[test]
    fn brackets_hidden_by_an_unfinished_string_are_seen_on_the_next_line() {
        assert!(check(&("\"\n".to_owned() + &"[".repeat(65))).is_err());
        assert!(check("\"\"\"").is_ok());
        assert!(check("\"\\").is_ok());
        assert!(check("\"").is_ok());
    }
}
