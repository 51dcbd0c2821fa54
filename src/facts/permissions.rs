//! Authorizations, choices, agreements, mechanisms, assessments and retention periods.

use super::duties::DAYS_MAX;
use super::entry::Entry;
use crate::model::fact::{
    Agreement, Assessment, Authorization, Choice, Compatibility, Confidentiality, Covered, Delegation, Joint,
    Mechanism, RetentionPeriod,
};
use crate::model::id::{FactId, ProcessorId, Safeguard};
use crate::model::place::ProblemCode;
use crate::model::time::Instant;
use crate::model::word::{ActKind, Basis, Giver, Grade, Section, State};

type Read<'e, 'n, 't, 'r> = &'e mut Entry<'n, 't, 'r>;

/// A permission.
pub fn authorization(entry: Read<'_, '_, '_, '_>) -> Option<Authorization> {
    let id = entry.declare(Section::Authorizations);
    let basis = entry.word_required("basis", Basis::parse, Basis::WORDS);
    let grade = entry.word("grade", Grade::parse, Grade::WORDS);
    let given_by = entry.word("given_by", Giver::parse, Giver::WORDS);
    let subjects = entry.subjects("subjects");
    let holders = entry.references_required("holder", true, Section::Processors);
    entry.demand("acts", "what the holder may do");
    let acts = entry.words("acts", false, ActKind::parse, ActKind::WORDS);
    let recipients = entry.references("recipients", true, Section::Processors);
    let fields = entry.references("fields", true, Section::Fields);
    let categories = entry.references("categories", true, Section::Categories);
    let purposes = entry.references_required("purposes", false, Section::Purposes);
    let interval = entry.bounded_interval();
    let withdrawn = entry.bounded_instant("withdrawn");
    let condition_of = entry.reference("condition_of", Section::Purposes);
    let alternative = entry.text("alternative").is_some_and(|text| !text.is_empty());
    let evidence = filled(entry, "evidence");
    let notice = filled(entry, "notice");
    let service = entry.reference("service", Section::Purposes);
    let citation = filled(entry, "citation");
    let implied = entry.word(
        "manner",
        |text| MANNERS.contains(&text).then_some(text != "act"),
        MANNERS,
    );
    let (from, until) = interval?;
    Some(Authorization {
        id: id?,
        basis: basis?,
        grade: grade.unwrap_or(Grade::General),
        given_by: given_by.unwrap_or(Giver::Subject),
        subjects,
        holders,
        acts,
        recipients,
        fields,
        categories,
        purposes,
        from,
        until,
        withdrawn,
        condition_of,
        alternative,
        evidence,
        notice,
        service,
        citation,
        implied: implied.unwrap_or(false),
    })
}

/// How somebody agreed: by doing something for it, or without.
const MANNERS: &[&str] = &["act", "continued-use", "silence"];

/// A text that is not empty.
fn filled(entry: Read<'_, '_, '_, '_>, key: &str) -> Option<String> {
    entry.text(key).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A switch turned off.
pub fn choice(entry: Read<'_, '_, '_, '_>) -> Option<Choice> {
    let id = entry.declare(Section::Choices);
    let subject = entry.reference_required("subject", Section::Subjects);
    let processor = entry.reference_required("processor", Section::Processors);
    let purpose = entry.reference_required("purpose", Section::Purposes);
    let at = entry.bounded_required("at");
    let by = entry.word("by", Giver::parse, Giver::WORDS);
    Some(Choice {
        by: by.unwrap_or(Giver::Subject),
        id: id?,
        subject: subject?,
        processor: processor?,
        purpose: purpose?,
        at: at?,
    })
}

const AGREEMENTS: &[&str] = &["delegation", "confidentiality", "partner", "joint"];
const ASSESSMENTS: &[&str] = &["impact", "recipient"];

fn is_first(words: &'static [&'static str], text: &str) -> Option<bool> {
    words.iter().position(|word| *word == text).map(|i| i == 0)
}

/// A contract between processors.
pub fn agreement(entry: Read<'_, '_, '_, '_>) -> Option<Agreement> {
    let id = entry.declare(Section::Agreements);
    let kind = entry.word_required(
        "kind",
        |text| AGREEMENTS.iter().position(|word| *word == text),
        AGREEMENTS,
    );
    let Some(kind) = kind else {
        entry.ignore_the_rest();
        return None;
    };
    let interval = entry.bounded_interval();
    match kind {
        0 => delegation(entry, id, interval).map(Agreement::Delegation),
        1 => pair(entry, id, interval).map(Agreement::Confidentiality),
        2 => pair(entry, id, interval).map(Agreement::Partner),
        _ => joint(entry, id, interval).map(Agreement::Joint),
    }
}

type Interval = Option<(Instant, Option<Instant>)>;

fn delegation(entry: Read<'_, '_, '_, '_>, id: Option<FactId>, interval: Interval) -> Option<Delegation> {
    let principal = entry.reference_required("principal", Section::Processors);
    let delegate = entry.reference_required("delegate", Section::Processors);
    let fields = entry.references_required("fields", false, Section::Fields);
    let purposes = entry.references_required("purposes", false, Section::Purposes);
    let written = entry.flag("written");
    let allowed = entry.word(
        "subdelegation",
        |text| is_first(&["allowed", "forbidden"], text),
        &["allowed", "forbidden"],
    );
    let subdelegates = entry.references("subdelegates", true, Section::Processors);
    let (from, until) = interval?;
    Some(Delegation {
        id: id?,
        principal: principal?,
        delegate: delegate?,
        fields,
        purposes,
        from,
        until,
        written,
        subdelegation_allowed: allowed.unwrap_or(false),
        subdelegates,
    })
}

fn pair(entry: Read<'_, '_, '_, '_>, id: Option<FactId>, interval: Interval) -> Option<Confidentiality> {
    let between: Vec<ProcessorId> = entry.references_required("between", false, Section::Processors);
    let mark = entry.node("between").map(|node| node.mark);
    let count = between.len();
    let pair = <[ProcessorId; 2]>::try_from(between).ok();
    if let (None, Some(mark), 1..) = (&pair, mark, count) {
        entry.reading().problem(
            ProblemCode::Shape,
            mark,
            format!("`between` must name exactly two processors, found {count}"),
            "write between: [a, b]",
        );
    }
    let (from, until) = interval?;
    Some(Confidentiality {
        id: id?,
        between: pair?,
        from,
        until,
    })
}

fn joint(entry: Read<'_, '_, '_, '_>, id: Option<FactId>, interval: Interval) -> Option<Joint> {
    let between = entry.references_required("between", false, Section::Processors);
    let fields = entry.references_required("fields", false, Section::Fields);
    let purposes = entry.references_required("purposes", false, Section::Purposes);
    let (from, until) = interval?;
    Some(Joint {
        id: id?,
        between,
        fields,
        purposes,
        from,
        until,
    })
}

/// A purpose that is compatible with another.
pub fn compatibility(entry: Read<'_, '_, '_, '_>) -> Option<Compatibility> {
    let id = entry.declare(Section::Compatibility);
    let from = entry.reference_required("from", Section::Purposes);
    let to = entry.reference_required("to", Section::Purposes);
    let states = entry.words("states", true, State::parse, State::WORDS);
    Some(Compatibility {
        id: id?,
        from: from?,
        to: to?,
        states: (!states.is_empty()).then_some(states),
    })
}

/// A route over a border.
pub fn mechanism(entry: Read<'_, '_, '_, '_>) -> Option<Mechanism> {
    let id = entry.declare(Section::Mechanisms);
    let from_processor = entry.reference_required("from_processor", Section::Processors);
    let to_processor = entry.reference("to_processor", Section::Processors);
    let to_country = entry.shared_text("to_country");
    let interval = entry.bounded_interval();
    entry.info(&["kind"]);
    let (from, until) = interval?;
    Some(Mechanism {
        id: id?,
        from_processor: from_processor?,
        to_processor,
        to_country,
        from,
        until,
    })
}

/// The words of `covers` and of the check `impact-assessment`.
pub const COVERED: &[&str] = &[
    "collect",
    "derive",
    "use",
    "store",
    "share",
    "verify",
    "disclose",
    "delegate",
    "assign",
    "correct",
    "delete",
    "cross-border",
    "sensitive",
];

/// An assessment.
pub fn assessment(entry: Read<'_, '_, '_, '_>) -> Option<Assessment> {
    let id = entry.declare(Section::Assessments);
    let Some(is_impact) = entry.word_required("kind", |text| is_first(ASSESSMENTS, text), ASSESSMENTS) else {
        entry.ignore_the_rest();
        return None;
    };
    let processor = entry.reference_required("processor", Section::Processors);
    let at = entry.bounded_required("at");
    if is_impact {
        entry.demand("covers", "acts, cross-border or sensitive");
        let covers = entry.words("covers", false, Covered::parse, COVERED);
        let purposes = entry.references_required("purposes", false, Section::Purposes);
        Some(Assessment::Impact {
            id: id?,
            processor: processor?,
            covers,
            purposes,
            at: at?,
        })
    } else {
        let recipient = entry.reference_required("recipient", Section::Processors);
        Some(Assessment::Recipient {
            id: id?,
            processor: processor?,
            recipient: recipient?,
            at: at?,
        })
    }
}

/// A declared retention period.
pub fn retention_period(entry: Read<'_, '_, '_, '_>) -> Option<RetentionPeriod> {
    let processor = entry.reference_required("processor", Section::Processors);
    let fields = entry.references_required("fields", false, Section::Fields);
    let days = entry.integer("days", -DAYS_MAX, DAYS_MAX);
    entry.info(&["id"]);
    Some(RetentionPeriod {
        days,
        processor: processor?,
        fields,
    })
}

/// Safeguards of an act or a processor.
pub fn safeguards(entry: Read<'_, '_, '_, '_>) -> Vec<Safeguard> {
    entry.shared("safeguards", false)
}
