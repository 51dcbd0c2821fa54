//! Patterns on names: `*` stands for any text, `?` for one character; everything else is itself.

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Box<str>);

impl Pattern {
    /// The pattern of this text.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// How many `*` it has.
    pub fn stars(&self) -> usize {
        self.0.matches('*').count()
    }

    /// Whether the whole name fits.
    pub fn fits(&self, name: &str) -> bool {
        self.captures(name).is_some()
    }

    /// What each `*` stands for, from the left; each takes as little as it can. `None` if the name does not fit.
    /// Cost: at worst the product of the two lengths.
    pub fn captures<'n>(&self, name: &'n str) -> Option<Vec<&'n str>> {
        let pattern: &str = &self.0;
        let (mut at, mut in_name) = (0, 0);
        // Where each `*` seen so far begins and ends in the name; only the last one can still grow.
        let mut stars: Vec<(usize, usize)> = Vec::new();
        let mut after_star: Option<usize> = None;
        loop {
            let wanted = pattern[at..].chars().next();
            let found = name[in_name..].chars().next();
            match (wanted, found) {
                (Some('*'), _) => {
                    at += 1;
                    stars.push((in_name, in_name));
                    after_star = Some(at);
                    continue;
                }
                (Some('?'), Some(letter)) => {
                    at += 1;
                    in_name += letter.len_utf8();
                    continue;
                }
                (Some(wanted), Some(found)) if wanted == found => {
                    at += wanted.len_utf8();
                    in_name += found.len_utf8();
                    continue;
                }
                (None, None) => {
                    return Some(stars.into_iter().map(|(from, to)| &name[from..to]).collect());
                }
                (None | Some(_), _) => {}
            }
            // The last star takes one character more.
            let resume = after_star?;
            let star = stars.last_mut()?;
            let letter = name[star.1..].chars().next()?;
            star.1 += letter.len_utf8();
            at = resume;
            in_name = star.1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_star_stands_for_any_text_and_says_which() {
        let captures = |pattern: &str, name| Pattern::new(pattern).captures(name).map(|c| c.join("|"));
        assert_eq!(captures("a", "a").as_deref(), Some(""));
        assert_eq!(captures("*", "").as_deref(), Some(""));
        assert_eq!(
            captures("*.marts.*", "shop.marts.mailing").as_deref(),
            Some("shop|mailing")
        );
        assert_eq!(captures("*.*", "a.b.c").as_deref(), Some("a|b.c"));
        assert_eq!(captures("*b", "abab").as_deref(), Some("aba"));
        assert_eq!(
            captures("s3://*-eu/?at", "s3://x-eu-eu/cat").as_deref(),
            Some("x-eu")
        );
        assert_eq!(captures("?", "ä").as_deref(), Some(""));
        for (pattern, name) in [
            ("a", "b"),
            ("", "a"),
            ("a*", "ba"),
            ("?", ""),
            ("a?c", "ac"),
            ("*x", "xy"),
        ] {
            assert_eq!(captures(pattern, name), None, "{pattern} {name}");
        }
    }
}
