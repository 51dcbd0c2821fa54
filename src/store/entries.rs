//! Which rows a fact has in the indexes. Appending, checking and cleaning up all ask here, so that the three
//! cannot disagree.

use super::codec::{Body, Record};
use super::columns::Column;
use super::keys::{Family, Hashing, NAME_LEN, Number, Side, family_row, processor_row};
use crate::model::fact::{Act, Fact, Stated};
use crate::model::id::{ProcessorId, SubjectId};
use crate::model::time::Instant;
use crate::model::word::{ActKind, Method, Section};

/// First byte of a row of `families` that carries its record.
pub const INLINE: u8 = 1;
/// The only byte of a row of `families` whose record stands in `facts`.
pub const ELSEWHERE: u8 = 0;

/// What of a fact the indexes are made of. A cohort has a family of its own under its name.
#[derive(Clone, Copy)]
pub struct Indexed<'a> {
    section: Section,
    id: Option<&'a str>,
    item: &'a str,
    subjects: &'a [SubjectId],
    occurred: Option<Instant>,
    act: Option<&'a Act>,
}

impl<'a> From<&'a Stated> for Indexed<'a> {
    fn from(stated: &'a Stated) -> Self {
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
        }
    }
}

impl Indexed<'_> {
    /// The key in `names`. A fact without an identifier is named by its content, so that stating it twice
    /// keeps one.
    pub fn name(&self, hashing: &Hashing) -> [u8; NAME_LEN] {
        match self.id {
            Some(id) => hashing.name(self.section, id),
            None => hashing.content_name(self.section, self.item),
        }
    }

    /// Calls `row` with each row of the fact in `families`, `names` and `by_processor`. `record` is the stored
    /// record.
    pub fn rows(
        &self,
        hashing: &Hashing,
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
        let mut each_family = |family: Family, value: &[&[u8]]| {
            row(
                Column::Families,
                &family_row(family, self.occurred, number),
                value,
            );
            for (processor, side) in sides.iter().flatten() {
                let key = processor_row(*processor, *side, self.occurred, family, number);
                row(Column::ByProcessor, &key, &[]);
            }
        };
        match self.subjects {
            [] => each_family(Family::EVERYONE, &[&[INLINE], record]),
            [subject] => each_family(hashing.subject(subject.as_str()), &[&[INLINE], record]),
            several => {
                let mut families: Vec<Family> = several
                    .iter()
                    .map(|subject| hashing.subject(subject.as_str()))
                    .collect();
                families.sort_unstable();
                families.dedup();
                // One subject named twice has one row, which then carries the record as any other.
                if let [family] = families[..] {
                    each_family(family, &[&[INLINE], record]);
                } else {
                    for family in families {
                        each_family(family, &[&[ELSEWHERE]]);
                    }
                }
            }
        }
        // A re-identification speaks about everybody's data: it shows what never was anonymous.
        let concerns_everybody = self.act.is_some_and(|act| act.method == Some(Method::Reidentify));
        let is_in_catalogue = self.subjects.is_empty() || self.subjects.iter().any(SubjectId::is_everyone);
        if concerns_everybody && !is_in_catalogue {
            let key = family_row(Family::EVERYONE, self.occurred, number);
            row(Column::Families, &key, &[&[ELSEWHERE]]);
        }
    }
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
