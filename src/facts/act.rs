//! Acts: one table says which keys each kind of act has.

use super::entry::Entry;
use super::node::Value;
use crate::model::fact::Act;
use crate::model::id::{FieldId, ProcessorId, PurposeId};
use crate::model::place::ProblemCode;
use crate::model::time::{Instant, When};
use crate::model::word::{ActKind, Carries, Method, Section};

/// Something done with data. Defaults of the document have been laid under the entry.
pub fn act(entry: &mut Entry<'_, '_, '_>) -> Option<Act> {
    let id = entry.declare(Section::Events);
    let at = when(entry);
    let at = skewed(entry, at);
    let kind = entry.word_required("act", ActKind::parse, ActKind::WORDS);
    let subjects = entry.subjects_required("subjects");
    let fields = entry.references_required("fields", false, Section::Fields);
    let safeguards = super::permissions::safeguards(entry);
    let carries = entry
        .word("carries", Carries::parse, Carries::WORDS)
        .unwrap_or(Carries::Surely);
    let Some(kind) = kind else {
        // Without the kind nobody knows which keys belong to it, but what they name must exist all the same.
        for key in ["from", "to", "by", "source"] {
            let _: Option<ProcessorId> = entry.reference(key, Section::Processors);
        }
        let _: Vec<FieldId> = entry.references("makes", false, Section::Fields);
        let _: Option<PurposeId> = entry.reference("purpose", Section::Purposes);
        entry.ignore_the_rest();
        return None;
    };
    let (actor, recipient, source) = parties(entry, kind);
    let purpose = match kind {
        ActKind::Store | ActKind::Correct | ActKind::Restrict | ActKind::Delete => {
            entry.reference("purpose", Section::Purposes)
        }
        ActKind::Collect
        | ActKind::Derive
        | ActKind::Use
        | ActKind::Share
        | ActKind::Verify
        | ActKind::Disclose
        | ActKind::Delegate
        | ActKind::Assign => entry.reference_required("purpose", Section::Purposes),
    };
    let is_derive = kind == ActKind::Derive;
    let (makes, method) = if is_derive {
        let makes = entry.references_required("makes", false, Section::Fields);
        (makes, entry.word("method", Method::parse, Method::WORDS))
    } else {
        (Vec::new(), None)
    };
    let location = if kind == ActKind::Store {
        let location = entry.shared_text("location");
        if location.is_none() {
            entry.missing("location", "add it: the country of the store");
        }
        location
    } else {
        None
    };
    let value = (kind == ActKind::Correct)
        .then(|| entry.shared_text("value"))
        .flatten();
    let lifts = kind == ActKind::Restrict && entry.flag("lift");
    if kind == ActKind::Assign {
        entry.info(&["ground"]);
    }
    let needs_recipient = match kind {
        ActKind::Share | ActKind::Verify | ActKind::Delegate | ActKind::Assign => true,
        ActKind::Collect
        | ActKind::Derive
        | ActKind::Use
        | ActKind::Store
        | ActKind::Disclose
        | ActKind::Correct
        | ActKind::Restrict
        | ActKind::Delete => false,
    };
    if needs_recipient && recipient.is_none() {
        return None;
    }
    check_time(entry, kind, at);
    Some(Act {
        id: id?,
        at: at?,
        kind,
        actor: actor?,
        recipient,
        source,
        subjects,
        fields,
        purpose,
        makes,
        method,
        location,
        value,
        lifts,
        safeguards,
        carries,
    })
}

/// `at`: an instant, `{from, until?}` for a standing act, of which either may be `{earliest, latest}`, or `{earliest, latest}`
/// for an instant known by its bounds.
fn when(entry: &mut Entry<'_, '_, '_>) -> Option<When> {
    let map = entry
        .node("at")
        .filter(|node| matches!(node.value, Value::Map(_)));
    let Some(node) = map else {
        return entry.instant_required("at").map(When::Instant);
    };
    if node.get("earliest").is_some() || node.get("latest").is_some() {
        let bounds = entry.bounds("at")?;
        return Some(When::between(bounds.0, bounds.1));
    }
    let mut inner = Entry::open(node, "the time of an act", entry.reading())?;
    let plain = |at: Instant| (at, at);
    let from = match inner.bounds("from") {
        Some(bounds) => Some(bounds),
        None => inner.instant_required("from").map(plain),
    };
    let until = match inner.bounds("until") {
        Some(bounds) => Some(bounds),
        None => inner.instant("until").map(plain),
    };
    let mark = inner.node("until").map_or(node.mark, |node| node.mark);
    inner.close();
    let when = When::stretching(from?, until);
    if from.zip(until).is_some_and(|(from, until)| until.0 <= from.1) {
        let message = if when.is_uncertain() {
            "`until` may not lie after `from`"
        } else {
            "`until` does not lie after `from`"
        };
        entry.reading().problem(
            ProblemCode::InvertedInterval,
            mark,
            message.to_owned(),
            "an act stands for from <= t < until; where only bounds are known, the earliest end lies after the latest beginning",
        );
    }
    Some(when)
}

/// Seconds that a clock may be wrong by, at most: a leap year.
const SKEW_MAX: i64 = 366 * 24 * 3_600;

/// `skew`: the clock that the time was read from may be wrong by so many seconds, either way.
fn skewed(entry: &mut Entry<'_, '_, '_>, at: Option<When>) -> Option<When> {
    const MICROS: i64 = 1_000_000;
    let Some(skew) = entry.integer("skew", 0, SKEW_MAX).filter(|seconds| *seconds > 0) else {
        return at;
    };
    let moved =
        |at: Instant, seconds: i64| Instant::from_micros(at.micros().saturating_add(seconds * MICROS));
    match at? {
        When::Instant(at) => Some(When::between(moved(at, -skew), moved(at, skew))),
        When::Between { earliest, latest, .. } => {
            Some(When::between(moved(earliest, -skew), moved(latest, skew)))
        }
        standing @ (When::Standing { .. } | When::Stretching { .. }) => {
            let mark = entry.node("skew").map_or(entry.mark(), |node| node.mark);
            entry.reading().problem(
                ProblemCode::Shape,
                mark,
                "an act that stands states the bounds of its beginning and of its end each by itself".to_owned(),
                "give it `skew: 0`, and write from: {earliest: …, latest: …} or until: {earliest: …, latest: …}",
            );
            Some(standing)
        }
    }
}

/// Notes what cannot stand.
fn check_time(entry: &mut Entry<'_, '_, '_>, kind: ActKind, at: Option<When>) {
    let may_stand = match kind {
        ActKind::Derive
        | ActKind::Use
        | ActKind::Store
        | ActKind::Share
        | ActKind::Verify
        | ActKind::Disclose
        | ActKind::Delegate => true,
        ActKind::Collect | ActKind::Assign | ActKind::Correct | ActKind::Restrict | ActKind::Delete => false,
    };
    let mark = entry.node("at").map_or(entry.mark(), |node| node.mark);
    if let (Some(When::Standing { .. } | When::Stretching { .. }), false) = (at, may_stand) {
        entry.reading().problem(
            ProblemCode::Shape,
            mark,
            format!("a {kind} act takes place at one instant and does not stand"),
            "write one instant, such as 2024-05-01T09:00:00+08:00",
        );
    }
}

type Parties = (Option<ProcessorId>, Option<ProcessorId>, Option<ProcessorId>);

/// Actor, recipient and source, under the keys that this kind of act has for them.
fn parties(entry: &mut Entry<'_, '_, '_>, kind: ActKind) -> Parties {
    match kind {
        ActKind::Collect => {
            let actor = entry.reference_required("to", Section::Processors);
            let source = entry.reference("source", Section::Processors);
            (actor, None, source)
        }
        ActKind::Derive
        | ActKind::Use
        | ActKind::Store
        | ActKind::Correct
        | ActKind::Restrict
        | ActKind::Delete => (entry.reference_required("by", Section::Processors), None, None),
        ActKind::Share | ActKind::Verify | ActKind::Delegate | ActKind::Assign => {
            let actor = entry.reference_required("from", Section::Processors);
            (actor, entry.reference_required("to", Section::Processors), None)
        }
        ActKind::Disclose => {
            let actor = entry.reference_required("from", Section::Processors);
            (actor, entry.reference("to", Section::Processors), None)
        }
    }
}
