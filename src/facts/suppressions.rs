//! Suppressions: which findings are put up with, until when, by whose decision.

use super::entry::Entry;
use crate::model::fact::{Suppressed, Suppression};
use crate::model::finding::Culprit;
use crate::model::id::FactId;
use crate::model::place::ProblemCode;
use crate::model::word::Section;

/// Digits of a fingerprint.
const FINGERPRINT_LEN: usize = 32;

/// A suppression. Either a fingerprint or a rule with an act or fact says what it is about.
pub fn suppression(entry: &mut Entry<'_, '_, '_>) -> Option<Suppression> {
    let id: Option<FactId> = entry.declare(Section::Suppressions);
    let target = target(entry);
    let until = entry.instant_required("until");
    let by = entry.text_required("by", "who decided");
    let why = entry.text_required("why", "for what reason");
    Some(Suppression {
        id: id?,
        target: target?,
        until: until?,
        by: by?.to_owned(),
        why: why?.to_owned(),
    })
}

fn target(entry: &mut Entry<'_, '_, '_>) -> Option<Suppressed> {
    let fingerprint = entry.text("fingerprint");
    let rule = entry.text("rule");
    let event = entry.text("event");
    let fact = entry.text("fact");
    let reason = entry.text("reason").map(str::to_owned);
    let processor = entry.text("processor").map(str::to_owned);
    let culprit = match (event, fact) {
        (Some(event), None) => Some(Culprit::Event(event.into())),
        (None, Some(fact)) => Some(Culprit::Fact(fact.to_owned())),
        (_, _) => None,
    };
    let told = event.is_some() || fact.is_some() || reason.is_some() || processor.is_some();
    match (fingerprint, rule, culprit) {
        (Some(print), None, _) if !told => {
            let is_one = print.len() == FINGERPRINT_LEN && print.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !is_one {
                let (mark, message) = (entry.mark(), format!("`{print}` is no fingerprint"));
                let help = "copy the 32 hexadecimal digits that `wherefore check` prints below a finding";
                entry.reading().problem(ProblemCode::BadWord, mark, message, help);
            }
            is_one.then(|| Suppressed::Fingerprint(print.to_ascii_lowercase()))
        }
        (None, Some(rule), Some(culprit)) => Some(Suppressed::About {
            rule: rule.to_owned(),
            culprit,
            reason,
            processor,
        }),
        (_, _, _) => {
            let mark = entry.mark();
            entry.reading().problem(
                ProblemCode::MissingKey,
                mark,
                "a suppression must say what it is about, in one way".to_owned(),
                "give `fingerprint` alone, or `rule` with `event` or `fact` (and `reason`, `processor` to narrow it)",
            );
            None
        }
    }
}
