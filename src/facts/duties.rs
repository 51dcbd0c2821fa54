//! Notices, policies, requests, closures, incidents, audits, terminations and evidence.

use super::entry::Entry;
use super::node::Value;
use crate::model::fact::{
    Audit, Closure, Declared, Evidence, Incident, Notice, PolicyVersion, Remedy, Request, Termination,
};
use crate::model::id::{FactId, SubjectId};
use crate::model::place::ProblemCode;
use crate::model::time::Instant;
use crate::model::word::{ActKind, NoticeKind, Outcome, Requester, Section};

type Read<'e, 'n, 't, 'r> = &'e mut Entry<'n, 't, 'r>;

/// The longest duration in days that a fact file may state: about 2,700 years.
pub const DAYS_MAX: i64 = 1_000_000;

/// A notice to subjects.
pub fn notice(entry: Read<'_, '_, '_, '_>) -> Option<Notice> {
    let id = entry.declare(Section::Notices);
    let kind = entry.word_required("kind", NoticeKind::parse, NoticeKind::WORDS);
    let processor = entry.reference_required("processor", Section::Processors);
    let is_assignment = kind.is_none_or(|kind| kind == NoticeKind::Assignment);
    let to = if is_assignment {
        entry.reference_required("to", Section::Processors)
    } else {
        entry.reference("to", Section::Processors)
    };
    let policy = entry.reference("policy", Section::Policies);
    let subjects = entry.subjects_required("subjects");
    let at = entry.bounded_required("at");
    if is_assignment && to.is_none() {
        return None;
    }
    Some(Notice {
        id: id?,
        kind: kind?,
        processor: processor?,
        to,
        policy,
        subjects,
        at: at?,
    })
}

/// A policy version.
pub fn policy(entry: Read<'_, '_, '_, '_>) -> Option<PolicyVersion> {
    let id = entry.declare(Section::Policies);
    let processor = entry.reference_required("processor", Section::Processors);
    let effective = entry.bounded_required("effective");
    let published = entry.bounded_instant("published");
    let has_major_changes = !entry.texts("major_changes", false).is_empty();
    let announced = entry.bounded_instant("announced");
    let declares = declares(entry);
    let rights = entry.node("rights").is_some().then(|| words(entry, "rights"));
    let services = entry
        .node("services")
        .is_some()
        .then(|| entry.references("services", false, Section::Purposes));
    Some(PolicyVersion {
        declares,
        rights,
        services,
        id: id?,
        processor: processor?,
        effective: effective?,
        published,
        has_major_changes,
        announced,
    })
}

fn words(entry: Read<'_, '_, '_, '_>, key: &str) -> Vec<String> {
    let texts = entry.texts(key, false);
    texts.into_iter().map(|(text, _)| text.to_owned()).collect()
}

fn declares(entry: Read<'_, '_, '_, '_>) -> Option<Vec<Declared>> {
    entry.node("declares")?;
    let mut declared = Vec::new();
    for node in entry.maps("declares") {
        let Some(mut inner) = Entry::open(node, "a declaration", entry.reading()) else {
            continue;
        };
        let data = super::rules::data(&mut inner);
        let purposes = inner.references_required("purposes", true, Section::Purposes);
        let acts = inner.words("acts", true, ActKind::parse, ActKind::WORDS);
        let recipients = inner.references_optional("recipients", Section::Processors);
        inner.close();
        declared.push(Declared {
            data,
            purposes,
            acts: (!acts.is_empty()).then_some(acts),
            recipients,
        });
    }
    Some(declared)
}

/// A request by a subject.
pub fn request(entry: Read<'_, '_, '_, '_>) -> Option<Request> {
    let id = entry.declare(Section::Requests);
    let kind = entry.text("kind").map(str::to_owned);
    let by = entry.word("by", Requester::parse, Requester::WORDS);
    let is_everyone = entry
        .node("subject")
        .is_some_and(|node| matches!(&node.value, Value::Text(text) if text == SubjectId::EVERYONE));
    let subject = if is_everyone {
        Some(SubjectId::everyone())
    } else {
        entry.reference_required("subject", Section::Subjects)
    };
    let processor = entry.reference_required("processor", Section::Processors);
    let fields = entry.references("fields", false, Section::Fields);
    let at = entry.bounded_required("at");
    let answered = entry.bounded_instant("answered");
    let outcome = entry.word("outcome", Outcome::parse, Outcome::WORDS);
    let reason = entry
        .text("reason")
        .filter(|text| !text.is_empty())
        .map(str::to_owned);
    let verified = entry.bounded_instant("verified");
    if outcome == Some(Outcome::Refused) && entry.node("answered").is_none() {
        entry.missing("answered", "a refused request was answered: say when");
    }
    Some(Request {
        id: id?,
        kind,
        by: by.unwrap_or(Requester::Subject),
        subject: subject?,
        processor: processor?,
        fields,
        at: at?,
        answered,
        outcome,
        reason,
        verified,
    })
}

/// An account closed.
pub fn closure(entry: Read<'_, '_, '_, '_>) -> Option<Closure> {
    let id = entry.declare(Section::Closures);
    let _: Option<FactId> = entry.reference("request", Section::Requests);
    let subject = entry.reference_required("subject", Section::Subjects);
    let processor = entry.reference_required("processor", Section::Processors);
    let at = entry.bounded_required("at");
    let clear_within_days = entry.integer_required("clear_within_days", -DAYS_MAX, DAYS_MAX);
    let keep = entry.references("keep", true, Section::Fields);
    Some(Closure {
        id: id?,
        subject: subject?,
        processor: processor?,
        at: at?,
        clear_within_days: clear_within_days?,
        keep,
    })
}

/// An incident.
pub fn incident(entry: Read<'_, '_, '_, '_>) -> Option<Incident> {
    let id = entry.declare(Section::Incidents);
    let processor = entry.reference_required("processor", Section::Processors);
    let suspected = entry.bounded_instant("suspected");
    let known = entry.bounded_required("known");
    let found_by = entry.reference("found_by", Section::Processors);
    let contents = entry.node("contents").is_some().then(|| words(entry, "contents"));
    let announced = entry.text("channel") == Some("announcement");
    let fields = entry.references_required("fields", false, Section::Fields);
    let subjects = entry.subjects_required("subjects");
    let regulator_told = entry.bounded_instant("regulator_told");
    let platform_told = entry.bounded_instant("platform_told");
    let subjects_told = subjects_told(entry);
    entry.info(&["kind"]);
    Some(Incident {
        id: id?,
        processor: processor?,
        suspected,
        known: known?,
        found_by,
        contents,
        announced,
        fields,
        subjects,
        regulator_told,
        platform_told,
        subjects_told,
    })
}

/// `subject`: a subject, a cohort or everyone.
fn whose(entry: Read<'_, '_, '_, '_>) -> Option<SubjectId> {
    let text = entry.text_required("subject", "an identifier of `subjects` or `cohorts`, or everyone")?;
    let mark = entry.node("subject").map_or(entry.mark(), |node| node.mark);
    Some(entry.subject_of(text, mark))
}

fn subjects_told(entry: Read<'_, '_, '_, '_>) -> Vec<(SubjectId, Instant)> {
    let mut told = Vec::new();
    for node in entry.maps("subjects_told") {
        if let Some(mut inner) = Entry::open(node, "an entry of `subjects_told`", entry.reading()) {
            let subject = whose(&mut inner);
            let at = inner.bounded_required("at");
            let bounded = inner.take_bounded();
            inner.close();
            entry.add_bounded("subjects_told", told.len(), bounded);
            told.extend(subject.zip(at));
        }
    }
    told
}

/// An audit.
pub fn audit(entry: Read<'_, '_, '_, '_>) -> Option<Audit> {
    let id = entry.declare(Section::Audits);
    let by = entry.reference_required("by", Section::Processors);
    let of = entry.reference_required("of", Section::Processors);
    let notified = entry.bounded_instant("notified");
    let at = entry.bounded_required("at");
    let independent = entry.text("independent") != Some("false");
    let refused = entry.text("cooperation") == Some("refused");
    let mut remedies: Vec<Remedy> = Vec::new();
    for node in entry.maps("remedies") {
        let Some(mut inner) = Entry::open(node, "a remedy", entry.reading()) else {
            continue;
        };
        let id = inner.text_required("id", "an identifier").map(FactId::from);
        let due = inner.bounded_required("due");
        let done = inner.bounded_instant("done");
        let bounded = inner.take_bounded();
        inner.close();
        entry.add_bounded("remedies", remedies.len(), bounded);
        if let (Some(id), Some(due)) = (id, due) {
            if remedies.iter().any(|other| other.id == id) {
                entry.reading().problem(
                    ProblemCode::DuplicateId,
                    node.mark,
                    format!("`{id}` is declared twice in this audit"),
                    "rename one of the two",
                );
            }
            remedies.push(Remedy { id, due, done });
        }
    }
    Some(Audit {
        id: id?,
        by: by?,
        of: of?,
        notified,
        at: at?,
        independent,
        refused,
        remedies,
    })
}

/// A cooperation ended.
pub fn termination(entry: Read<'_, '_, '_, '_>) -> Option<Termination> {
    let id = entry.declare(Section::Terminations);
    let by = entry.reference_required("by", Section::Processors);
    let of = entry.reference_required("of", Section::Processors);
    let at = entry.bounded_required("at");
    Some(Termination {
        id: id?,
        by: by?,
        of: of?,
        at: at?,
    })
}

/// Evidence.
pub fn evidence(entry: Read<'_, '_, '_, '_>) -> Option<Evidence> {
    let id = entry.declare(Section::Evidence);
    let processor = entry.reference_required("processor", Section::Processors);
    let kind = entry.text_required("kind", "what it is evidence of");
    let interval = entry.bounded_interval();
    let (from, until) = interval?;
    Some(Evidence {
        id: id?,
        processor: processor?,
        kind: kind?.to_owned(),
        from,
        until,
    })
}
