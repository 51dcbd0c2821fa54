//! One item of a section into one fact.

use super::entry::{Entry, Reading};
use super::node::{Key, Node};
use super::{act, duties, permissions, recorded, rules, suppressions, things};
use crate::model::fact::{Fact, Header, Stated};
use crate::model::place::{Place, Problem};
use crate::model::recorded::Recording;
use crate::model::word::Section;

/// What the manifest of another tool says of an item beside what is judged; carried for that tool.
const CARRIED: &str = "manifest";

/// The keys that stand in for those an event lacks.
pub type Defaults<'n, 't> = &'n [(Key<'t>, Node<'t>)];

/// Reads the header of a document, and the defaults of its events. Keys `beneath` stand in for those it lacks;
/// `sections` are the other keys at its level.
pub fn read_header<'n, 't>(
    node: &'n Node<'t>,
    beneath: Defaults<'n, 't>,
    sections: &[&str],
    reading: &mut Reading,
) -> (Option<Header>, Defaults<'n, 't>) {
    let Some(mut entry) = Entry::open(node, "the document", reading) else {
        return (None, &[]);
    };
    entry = entry.with_defaults(beneath);
    entry.note_keys();
    let header = things::header(&mut entry);
    let defaults = things::event_defaults(&mut entry);
    entry.info(sections);
    entry.close();
    (header, defaults)
}

/// Reads one item. `None` when a problem kept it from being read; the problem is in `reading`.
pub fn item(
    section: Section,
    node: &Node<'_>,
    defaults: Defaults<'_, '_>,
    reading: &mut Reading,
) -> Option<Stated> {
    let mut entry = Entry::open(node, what(section), reading)?;
    if section == Section::Events {
        entry = entry.with_defaults(defaults);
    }
    let (fact, recording) = read(section, node, &mut entry);
    let bounded = entry.take_bounded();
    if entry.wants_suggestions() {
        let known = known_keys(section, node, &mut entry.reading().anew());
        entry.knows(known);
    }
    let has_unknown_keys = entry.close();
    let place = reading.place(node.mark);
    let fact = fact?;
    let is_plain = recording == Recording::default() && !matches!(fact, Fact::Retraction(_));
    let is_told_more = ["ground", CARRIED].iter().any(|key| node.get(key).is_some());
    let item = if section == Section::Events && is_plain && !has_unknown_keys && !is_told_more {
        Box::default()
    } else {
        node.to_json().to_string().into_boxed_str()
    };
    Some(Stated {
        fact,
        place,
        item,
        recording,
        bounded,
    })
}

/// Reads the keys of an item.
fn read(section: Section, node: &Node<'_>, entry: &mut Entry<'_, '_, '_>) -> (Option<Fact>, Recording) {
    let recorded = recorded::time(entry);
    let fact = if recorded::is_retraction(node) {
        recorded::retraction(section, entry)
    } else {
        fact(section, entry)
    };
    let recording = Recording {
        recorded,
        corrects: entry.corrects(),
    };
    entry.info(&[CARRIED]);
    (fact, recording)
}

/// The keys that such an item may have.
fn known_keys(section: Section, node: &Node<'_>, reading: &mut Reading) -> Vec<String> {
    let Some(mut entry) = Entry::open(node, what(section), reading) else {
        return Vec::new();
    };
    entry.note_keys();
    let _: (Option<Fact>, Recording) = read(section, node, &mut entry);
    entry.into_asked()
}

/// Reads an item that a store has kept. It was read once before, so problems mean that the store was written by
/// another version of this program or is damaged.
pub fn stored(section: Section, node: &Node<'_>, place: &Place) -> Result<Stated, Vec<Problem>> {
    let mut reading = Reading::new(&place.file);
    let stated = item(section, node, &[], &mut reading);
    match stated {
        Some(mut stated) => {
            stated.place = place.clone();
            Ok(stated)
        }
        None => Err(reading.problems),
    }
}

fn fact(section: Section, entry: &mut Entry<'_, '_, '_>) -> Option<Fact> {
    Some(match section {
        Section::Subjects => Fact::Subject(things::subject(entry)?),
        Section::Cohorts => Fact::Cohort(things::cohort(entry)?),
        Section::Categories => Fact::Category(things::category(entry)?),
        Section::Fields => Fact::Field(things::field(entry)?),
        Section::Processors => Fact::Processor(things::processor(entry)?),
        Section::Purposes => Fact::Purpose(things::purpose(entry)?),
        Section::Authorizations => Fact::Authorization(permissions::authorization(entry)?),
        Section::Choices => Fact::Choice(permissions::choice(entry)?),
        Section::Agreements => Fact::Agreement(permissions::agreement(entry)?),
        Section::Mechanisms => Fact::Mechanism(permissions::mechanism(entry)?),
        Section::Assessments => Fact::Assessment(permissions::assessment(entry)?),
        Section::RetentionPeriods => Fact::RetentionPeriod(permissions::retention_period(entry)?),
        Section::Notices => Fact::Notice(duties::notice(entry)?),
        Section::Policies => Fact::Policy(duties::policy(entry)?),
        Section::Requests => Fact::Request(duties::request(entry)?),
        Section::Closures => Fact::Closure(duties::closure(entry)?),
        Section::Incidents => Fact::Incident(duties::incident(entry)?),
        Section::Audits => Fact::Audit(duties::audit(entry)?),
        Section::Terminations => Fact::Termination(duties::termination(entry)?),
        Section::Evidence => Fact::Evidence(duties::evidence(entry)?),
        Section::Events => Fact::Act(act::act(entry)?),
        Section::Rules => Fact::Rule(rules::rule(entry)?),
        Section::Suppressions => Fact::Suppression(suppressions::suppression(entry)?),
        Section::Compatibility => Fact::Compatibility(permissions::compatibility(entry)?),
    })
}

fn what(section: Section) -> &'static str {
    match section {
        Section::Subjects => "a subject",
        Section::Cohorts => "a cohort",
        Section::Categories => "a category",
        Section::Fields => "a field",
        Section::Processors => "a processor",
        Section::Purposes => "a purpose",
        Section::Authorizations => "an authorization",
        Section::Choices => "a choice",
        Section::Agreements => "an agreement",
        Section::Mechanisms => "a mechanism",
        Section::Assessments => "an assessment",
        Section::RetentionPeriods => "a retention period",
        Section::Notices => "a notice",
        Section::Policies => "a policy version",
        Section::Requests => "a request",
        Section::Closures => "a closure",
        Section::Incidents => "an incident",
        Section::Audits => "an audit",
        Section::Terminations => "a termination",
        Section::Evidence => "a piece of evidence",
        Section::Events => "an event",
        Section::Rules => "a rule",
        Section::Suppressions => "a suppression",
        Section::Compatibility => "a compatibility",
    }
}
