//! Which rows a fact has in the indexes. Appending, checking and cleaning up all ask here, so that the three
//! cannot disagree.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use super::codec::{Body, Record, Touched};
use super::columns::Column;
use super::keys::{Family, Hashing, NAME_LEN, Number, Side, family_row, processor_family_row, processor_row};
use super::part::Layout;
use crate::model::fact::{Act, Fact, Stated};
use crate::model::id::{FactId, ProcessorId, SubjectId};
use crate::model::recorded::RecordTime;
use crate::model::time::Instant;
use crate::model::word::{ActKind, Method, Section};

/// First byte of a row of `families` that carries its record.
pub const INLINE: u8 = 1;
/// The only byte of a row of `families` whose record stands in `facts`.
pub const ELSEWHERE: u8 = 0;

/// Who turns identifiers into the hashes that stand in keys.
pub trait Hashes {
    /// The family of a subject.
    fn subject(&self, id: &str) -> Family;
    /// The hash of a processor in `by_processor`.
    fn processor(&self, id: &str) -> [u8; 16];
    /// The family of the records that change a fact.
    fn changes(&self, section: Section, id: &str) -> Family;
}

impl Hashes for Hashing {
    fn subject(&self, id: &str) -> Family {
        self.subject(id)
    }

    fn processor(&self, id: &str) -> [u8; 16] {
        self.processor(id)
    }

    fn changes(&self, section: Section, id: &str) -> Family {
        self.changes(section, id)
    }
}

/// Remembers the hashes of one piece of work, in which the same few subjects and processors come again and again.
pub struct Remembered<'a> {
    hashing: &'a Hashing,
    subjects: RefCell<FxHashMap<Box<str>, Family>>,
    processors: RefCell<FxHashMap<Box<str>, [u8; 16]>>,
}

impl<'a> Remembered<'a> {
    /// Remembers nothing yet.
    pub fn new(hashing: &'a Hashing) -> Self {
        Self {
            hashing,
            subjects: RefCell::default(),
            processors: RefCell::default(),
        }
    }
}

impl Hashes for Remembered<'_> {
    fn subject(&self, id: &str) -> Family {
        remembered(&self.subjects, id, || self.hashing.subject(id))
    }

    fn processor(&self, id: &str) -> [u8; 16] {
        remembered(&self.processors, id, || self.hashing.processor(id))
    }

    fn changes(&self, section: Section, id: &str) -> Family {
        self.hashing.changes(section, id)
    }
}

fn remembered<T: Copy>(known: &RefCell<FxHashMap<Box<str>, T>>, id: &str, make: impl FnOnce() -> T) -> T {
    if let Some(found) = known.borrow().get(id) {
        return *found;
    }
    let hash = make();
    known.borrow_mut().insert(id.into(), hash);
    hash
}

/// What of a fact the indexes are made of. A cohort has a family of its own under its name.
#[derive(Clone, Copy)]
pub struct Indexed<'a> {
    section: Section,
    id: Option<&'a str>,
    item: &'a str,
    subjects: &'a [SubjectId],
    occurred: Option<Instant>,
    act: Option<&'a Act>,
    recorded: Option<RecordTime>,
    target: Option<&'a FactId>,
    touched: &'a Touched,
}

impl<'a> Indexed<'a> {
    /// What the indexes are made of for a fact to be written, which touches these families.
    pub fn new(stated: &'a Stated, touched: &'a Touched) -> Self {
        Self {
            section: stated.fact.section(),
            id: stated.fact.id(),
            item: &stated.item,
            subjects: stated.fact.subjects(),
            occurred: stated.fact.occurred(),
            act: if let Fact::Act(act) = &stated.fact {
                Some(act)
            } else {
                None
            },
            recorded: stated.recording.recorded,
            target: stated.target(),
            touched,
        }
    }
}

impl<'a> From<&'a Record> for Indexed<'a> {
    fn from(record: &'a Record) -> Self {
        let (item, act) = match &record.body {
            Body::Act(act) => (record.item.as_deref().unwrap_or_default(), Some(act)),
            Body::Item(text) => (text.as_str(), None),
        };
        Self {
            section: record.section,
            id: record.id.as_deref(),
            item,
            subjects: &record.subjects,
            occurred: record.occurred,
            act,
            recorded: record.recording.recorded,
            target: record.target(),
            touched: &record.touched,
        }
    }
}

impl Indexed<'_> {
    /// The key in `names`. What introduces no identifier is named by its content, so that stating it twice keeps one:
    /// a fact without an identifier, a new version of a fact, a retraction.
    pub fn name(&self, hashing: &Hashing) -> [u8; NAME_LEN] {
        match self.id {
            Some(id) if self.target.is_none_or(|target| target.as_str() != id) => {
                hashing.name(self.section, id)
            }
            Some(_) | None => hashing.content_name(self.section, self.item),
        }
    }

    /// Calls `row` with each row of the fact in `families`, `names` and `by_processor`. `record` is the stored
    /// record.
    pub fn rows(
        &self,
        layout: Layout,
        hashing: &impl Hashes,
        name: &[u8; NAME_LEN],
        number: Number,
        record: &[u8],
        mut row: impl FnMut(Column, &[u8], &[&[u8]]),
    ) {
        row(Column::Names, name, &[&number.to_key()]);
        let mut sides = [None; 3];
        if let Some(act) = self.act {
            sides = sides_of(act).map(|side| side.map(|(id, side)| (hashing.processor(id.as_str()), side)));
        }
        let is_retraction = self.id.is_none() && self.target.is_some();
        let own = if is_retraction {
            Vec::new()
        } else {
            families_of(hashing, self.subjects)
        };
        for (processor, side) in sides.iter().flatten() {
            match layout {
                Layout::First => {
                    for family in &own {
                        let key = processor_family_row(*processor, *side, self.occurred, *family, number);
                        row(Column::ByProcessor, &key, &[]);
                    }
                }
                Layout::Second => {
                    let key = processor_row(*processor, *side, self.occurred, number);
                    row(Column::ByProcessor, &key, &[]);
                }
            }
        }
        let mut told = own;
        told.extend(
            self.touched
                .subjects
                .iter()
                .map(|subject| hashing.subject(subject.as_str())),
        );
        if self.touched.everyone {
            told.push(Family::EVERYONE);
        }
        told.sort_unstable();
        told.dedup();
        // Where there is one row it carries the record; one subject named twice has one row.
        let value: &[&[u8]] = if told.len() == 1 {
            &[&[INLINE], record]
        } else {
            &[&[ELSEWHERE]]
        };
        for family in &told {
            row(
                Column::Families,
                &family_row(*family, self.occurred, number),
                value,
            );
        }
        // A re-identification speaks about everybody's data: it shows what never was anonymous.
        if self.act.is_some_and(concerns_everybody) && told.first() != Some(&Family::EVERYONE) {
            let key = family_row(Family::EVERYONE, self.occurred, number);
            row(Column::Families, &key, &[&[ELSEWHERE]]);
        }
        if let Some(target) = self.target {
            let family = hashing.changes(self.section, target.as_str());
            row(
                Column::Families,
                &family_row(family, None, number),
                &[&[ELSEWHERE]],
            );
        }
        if let Some(RecordTime::At(at)) = self.recorded {
            let key = family_row(Family::DATED, Some(at), number);
            row(Column::Families, &key, &[&[ELSEWHERE]]);
        }
    }
}

/// Whether the act belongs to the catalogue although it names subjects.
pub fn concerns_everybody(act: &Act) -> bool {
    act.method == Some(Method::Reidentify)
}

/// Whether the record has a row in the family of everyone.
pub fn is_of_everyone(record: &Record) -> bool {
    let names = |subjects: &[SubjectId]| subjects.iter().any(SubjectId::is_everyone);
    let is_own = record.retracts.is_none() && (record.subjects.is_empty() || names(&record.subjects));
    is_own
        || record.touched.everyone
        || names(&record.touched.subjects)
        || matches!(&record.body, Body::Act(act) if concerns_everybody(act))
}

/// The families of these subjects, each once; everyone's for none.
fn families_of(hashing: &impl Hashes, subjects: &[SubjectId]) -> Vec<Family> {
    if subjects.is_empty() {
        return vec![Family::EVERYONE];
    }
    let mut families: Vec<Family> = subjects
        .iter()
        .map(|subject| hashing.subject(subject.as_str()))
        .collect();
    families.sort_unstable();
    families.dedup();
    families
}

/// The processors of an act and their sides.
fn sides_of(act: &Act) -> [Option<(&ProcessorId, Side)>; 3] {
    let source = act.source.as_ref().map(|id| (id, Side::Source));
    match &act.recipient {
        Some(recipient) if act.actor != *recipient => [
            Some((&act.actor, Side::Giver)),
            Some((recipient, Side::Taker)),
            source,
        ],
        // What is disclosed to nobody in particular is given all the same.
        None if act.kind == ActKind::Disclose => [Some((&act.actor, Side::Giver)), None, source],
        _ if act.kind == ActKind::Collect => [Some((&act.actor, Side::Taker)), None, source],
        Some(_) | None => [Some((&act.actor, Side::Alone)), None, source],
    }
}
