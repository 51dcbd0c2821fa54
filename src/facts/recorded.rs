//! The keys by which an item speaks of the record itself: `recorded`, `corrects`, `retracts`.

use super::entry::Entry;
use super::node::{Node, Value};
use crate::model::fact::{Fact, Retraction};
use crate::model::id::FactId;
use crate::model::place::ProblemCode;
use crate::model::recorded::RecordTime;
use crate::model::word::Section;

/// When the source recorded the item, if it says so.
pub fn time(entry: &mut Entry<'_, '_, '_>) -> Option<RecordTime> {
    let node = entry.node("recorded")?;
    let text = entry.text("recorded")?;
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = RecordTime::parse(text);
        if number.is_none() {
            entry.reading().problem(
                ProblemCode::BadNumber,
                node.mark,
                format!("`recorded` is no such number: `{text}`"),
                "write an instant, or a number below 18446744073709551616",
            );
        }
        return number;
    }
    entry.instant_of(text, node.mark, "recorded").map(RecordTime::At)
}

/// Whether the item takes a fact back.
pub fn is_retraction(node: &Node<'_>) -> bool {
    node.get("retracts")
        .is_some_and(|inner| !matches!(inner.value, Value::Null))
}

/// A fact of the section taken back.
pub fn retraction(section: Section, entry: &mut Entry<'_, '_, '_>) -> Option<Fact> {
    if section == Section::RetentionPeriods {
        entry.missing(
            "processor",
            "retention periods have no names, so none can be taken back",
        );
        return None;
    }
    let id: Option<FactId> = entry.reference("retracts", section);
    entry.info(&["by", "why"]);
    if section.is_declaration() {
        let mark = entry.mark();
        entry.reading().problem(
            ProblemCode::KeptDeclaration,
            mark,
            format!("an item of `{section}` cannot be taken back: other facts may name it"),
            "correct it under the same id: {id: …, corrects: the same id, …}",
        );
        return None;
    }
    Some(Fact::Retraction(Retraction { section, id: id? }))
}
