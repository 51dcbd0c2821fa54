//! Text that is safe to put into somebody else's format. Identifiers come from fact files, and fact files come from
//! anywhere: what looks like markup or a command must stay text.

use std::fmt::Write as _;

use super::checked::Note;
use crate::model::finding::{Culprit, Finding, Step};
use crate::model::place::Place;
use crate::model::time::Zone;

/// On one line and without characters that hide or move others: controls and writing-direction marks become
/// `\u{1b}`. So does the bracket of `##[`, which runners of jobs read as a command wherever it stands.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let is_hidden = c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
        if is_hidden {
            let _ = write!(out, "{}", c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out.replace("##[", r"##\u{5b}")
}

/// The same at the beginning of a line, where runners of jobs read `::` as a command.
pub fn visible_first(text: &str) -> String {
    let out = visible(text);
    match out.trim_start().strip_prefix("::") {
        Some(rest) => format!(r"\u{{3a}}:{rest}"),
        None => out,
    }
}

/// `error A-1 consent event ride-share [expired] at shop`
pub fn one_line(finding: &Finding) -> String {
    let (severity, clause, rule) = (
        finding.severity,
        visible(&finding.clause),
        visible(finding.rule.as_str()),
    );
    let (reason, who) = (visible(&finding.reason), visible(finding.processor.as_str()));
    format!(
        "{severity} {clause} {rule} {} [{reason}] at {who}",
        culprit(finding)
    )
}

/// `event ride-share` or `fact evidence:audit`.
pub fn culprit(finding: &Finding) -> String {
    visible(&match &finding.culprit {
        Culprit::Event(id) => format!("event {id}"),
        Culprit::Fact(name) => format!("fact {name}"),
    })
}

/// `note: the suppression … matches nothing (facts.yaml:3:5) [SUPPRESSION_UNUSED]`
pub fn note(note: &Note) -> String {
    let place = note
        .place
        .as_ref()
        .map_or_else(String::new, |place| format!(" ({place})"));
    visible(&format!("note: {}{place} [{}]", note.text, note.code))
}

/// One act of a chain in a line, without its number.
pub fn step(step: &Step, zone: &Zone) -> String {
    visible(&super::text::act(step, zone))
}

/// The file as tools match it with their tree: without a leading `./`.
pub fn path(place: &Place) -> &str {
    place.file.strip_prefix("./").unwrap_or(&place.file)
}

/// What stands beside a finding, a line each: whose the processor is; and of its rule whether it binds, law, advice, where
/// to read on.
pub fn beside(finding: &Finding) -> Vec<String> {
    let about = &finding.about;
    let mut lines = Vec::new();
    if let Some(owner) = &finding.owner {
        lines.push(format!("owner: {}", visible(owner.as_str())));
    }
    if about.voluntary {
        lines.push("a voluntary standard: it binds whoever has taken it on".to_owned());
    }
    if !about.law.is_empty() {
        lines.push(format!("law: {}", visible(&about.law.join(", "))));
    }
    if let Some(advice) = &about.advice {
        lines.push(format!("advice: {}", visible(advice)));
    }
    if let Some(link) = &about.link {
        lines.push(format!("read: {}", visible(link)));
    }
    lines
}
