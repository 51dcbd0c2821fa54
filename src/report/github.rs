//! Annotations of GitHub Actions: one workflow command for each finding that nothing excuses, and for each note.

use std::fmt::Write as _;

use super::checked::Checked;
use super::plain;
use crate::model::finding::Step;
use crate::model::place::Place;
use crate::model::word::Severity;

/// All annotations, one a line.
pub fn annotations(checked: &Checked<'_>) -> String {
    let mut out = String::new();
    for (_, finding, standing) in checked.numbered() {
        if standing.is_excused() {
            continue;
        }
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let place = checked.place(finding).map_or_else(String::new, position);
        let title = format!("{} {} [{}]", finding.clause, finding.rule, finding.reason);
        let mut message = plain::visible(&finding.sentence);
        if !finding.witness.is_empty() {
            let acts: Vec<String> = finding.witness.iter().map(name).collect();
            let _ = write!(message, "\nChain: {}", acts.join(" → "));
        }
        for line in plain::beside(finding) {
            let _ = write!(message, "\n{line}");
        }
        let _ = writeln!(
            out,
            "::{command} {place}title={}::{}",
            property(&plain::visible(&title)),
            data(&message)
        );
    }
    for note in checked.notes {
        let place = note.place.as_ref().map_or_else(String::new, position);
        let (code, text) = (property(note.code), data(&plain::visible(&note.text)));
        let _ = writeln!(out, "::notice {place}title={code}::{text}");
    }
    out
}

fn position(place: &Place) -> String {
    let file = property(plain::path(place));
    format!("file={file},line={},col={},", place.line, place.column)
}

fn name(step: &Step) -> String {
    plain::visible(step.act.as_str())
}

/// GitHub's escaping of a message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// GitHub's escaping of a property, which ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
