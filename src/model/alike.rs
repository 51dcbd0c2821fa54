//! What somebody meant who misspelled a word.

/// How alike two words are at least: one is alike the other at 1.
const ALIKE: f64 = 0.8;

/// Of the words, the one that is most like what was written, if one is.
pub fn nearest<'w>(written: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    words
        .into_iter()
        .map(|word| (strsim::jaro_winkler(written, word), word))
        .filter(|(likeness, _)| *likeness > ALIKE)
        // Of two that are as like, the first in the alphabet.
        .max_by(|(a, word), (b, other)| a.total_cmp(b).then_with(|| other.cmp(word)))
        .map(|(_, word)| word)
}
