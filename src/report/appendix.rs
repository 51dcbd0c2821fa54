//! What a check tells beside its findings, as text and JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::plain::visible;
use crate::model::appendix::Appendix;
use crate::model::id::FieldId;
use crate::model::plural::counted;
use crate::model::time::Zone;

/// Lines for people. Empty when there is nothing to tell.
pub fn text(appendix: &Appendix, zone: &Zone) -> String {
    /// Hops shown; JSON has them all.
    const HOPS_MAX: usize = 40;
    let mut out = String::new();
    for row in &appendix.recorded {
        let until = row
            .until
            .map_or_else(String::new, |until| format!(", until {}", zone.print(until)));
        let line = format!(
            "recorded, not checked: {} {}: {} of {}: {}{until}",
            row.clause, row.rule, row.kind, row.processor, row.id
        );
        let _ = writeln!(out, "{}", visible(&line));
    }
    for row in &appendix.volunteered {
        let line = format!(
            "volunteered: {} in {} of {} collected fields",
            row.field, row.collected, row.of
        );
        let _ = writeln!(out, "{}", visible(&line));
    }
    for row in appendix.leaving.iter().take(HOPS_MAX) {
        let fields: Vec<&str> = row.fields.iter().map(FieldId::as_str).collect();
        let line = format!(
            "left the group: {} → {} ({} {}): {}; what follows is under the policy of {}",
            row.from,
            row.to,
            row.acts,
            if row.acts == 1 { "act" } else { "acts" },
            fields.join(", "),
            row.to
        );
        let _ = writeln!(out, "{}", visible(&line));
    }
    if appendix.leaving.len() > HOPS_MAX {
        let _ = writeln!(out, "left the group: {} more", appendix.leaving.len() - HOPS_MAX);
    }
    for row in &appendix.answers {
        let line = format!(
            "answers: {} for {} of its own and {} of its delegates",
            row.processor,
            counted(row.own, "finding", "findings"),
            row.by_delegates
        );
        let _ = writeln!(out, "{}", visible(&line));
    }
    out
}

/// The same for programs: `{"recorded": […], "volunteered": […], "leaving": […], "answers": […]}`.
pub fn json(appendix: &Appendix, zone: &Zone) -> Value {
    json!({
        "recorded": appendix.recorded.iter().map(|row| json!({
            "clause": row.clause,
            "rule": row.rule.as_str(),
            "processor": row.processor.as_str(),
            "kind": row.kind,
            "evidence": row.id.as_str(),
            "until": row.until.map(|until| zone.print(until)),
            "status": "recorded",
        })).collect::<Vec<_>>(),
        "volunteered": appendix.volunteered.iter().map(|row| json!({
            "field": row.field.as_str(),
            "collected": row.collected,
            "of": row.of,
        })).collect::<Vec<_>>(),
        "leaving": appendix.leaving.iter().map(|row| json!({
            "from": row.from.as_str(),
            "to": row.to.as_str(),
            "fields": row.fields.iter().map(FieldId::as_str).collect::<Vec<_>>(),
            "acts": row.acts,
        })).collect::<Vec<_>>(),
        "answers": appendix.answers.iter().map(|row| json!({
            "processor": row.processor.as_str(),
            "own": row.own,
            "by_delegates": row.by_delegates,
        })).collect::<Vec<_>>(),
    })
}
