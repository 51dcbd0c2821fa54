//! Annotations of GitHub Actions: one workflow command for each finding that is not known.

use std::fmt::Write as _;

use super::checked::Checked;
use super::plain;
use crate::model::finding::Step;
use crate::model::word::Severity;

/// All annotations, one a line.
pub fn annotations(checked: &Checked<'_>) -> String {
    let mut out = String::new();
    for (_, finding, known) in checked.numbered() {
        if known {
            continue;
        }
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let place = checked.place(finding).map_or_else(String::new, |place| {
            format!(
                "file={},line={},col={},",
                property(plain::path(place)),
                place.line,
                place.column
            )
        });
        let title = format!("{} {} [{}]", finding.clause, finding.rule, finding.reason);
        let mut message = plain::visible(&finding.sentence);
        if !finding.witness.is_empty() {
            let acts: Vec<String> = finding.witness.iter().map(name).collect();
            let _ = write!(message, "\nChain: {}", acts.join(" → "));
        }
        let _ = writeln!(
            out,
            "::{command} {place}title={}::{}",
            property(&plain::visible(&title)),
            data(&message)
        );
    }
    out
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
