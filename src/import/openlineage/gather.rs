//! Events gathered by run, job and dataset.
//!
//! Everything here is a union, a least or a greatest: the same events give the same state in any order, and an event
//! that comes twice changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::event::{Change, Column, Edge, Entity, Event, How, Kind, Parent, Party, Says, Seen, State, Tag};
use crate::model::place::Place;
use crate::model::time::Instant;

/// Something of which the latest counts; of two at one instant the greater.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest<T>(Option<(Instant, T)>);

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Ord> Latest<T> {
    fn tell(&mut self, at: Instant, value: Option<T>) {
        let told = value.map(|value| (at, value));
        if told > self.0 {
            self.0 = told;
        }
    }

    /// What counts.
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }
}

/// What jobs say about themselves, of all their events the latest.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// What for.
    pub purpose: Latest<Arc<str>>,
    /// On which legal basis.
    pub basis: Latest<Arc<str>>,
    /// Who runs it.
    pub party: Latest<Party>,
    /// Who receives what it reads.
    pub recipient: Latest<Party>,
    /// Protection on the way.
    pub safeguards: BTreeSet<Arc<str>>,
    /// Whether it runs until somebody stops it.
    pub is_streaming: bool,
}

impl Told {
    fn tell(&mut self, at: Instant, says: Says) {
        self.purpose.tell(at, says.purpose);
        self.basis.tell(at, says.basis);
        self.party.tell(at, says.party);
        self.recipient.tell(at, says.recipient);
        self.safeguards.extend(says.safeguards);
        self.is_streaming |= says.is_streaming;
    }
}

/// What was read and written, and how the one became the other.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    /// What was read; of each dataset the columns, when the producer says which.
    pub inputs: BTreeMap<Entity, BTreeSet<Arc<str>>>,
    /// What was written; of each dataset the columns that were shown then, which may be none.
    pub outputs: BTreeMap<Entity, BTreeSet<Arc<str>>>,
    /// Outputs into which nothing came but what was read.
    pub only_inputs: BTreeSet<Entity>,
    /// Of what lineage is told.
    pub explained: BTreeSet<Entity>,
    /// The lineage.
    pub edges: BTreeSet<Edge>,
    /// What happened to datasets as a whole.
    pub changes: BTreeSet<(Entity, Change)>,
}

/// One run, from all its events.
#[derive(Clone, Debug)]
pub struct Run {
    /// The job; producers may learn its full name late.
    pub job: Latest<Entity>,
    /// The run that started it.
    pub parent: Latest<Parent>,
    /// When it began, if an event says so.
    pub start: Option<Instant>,
    /// The first event.
    pub first: Instant,
    /// The last event.
    pub last: Instant,
    /// When it completed.
    pub complete: Option<Instant>,
    /// When it failed or was stopped.
    pub failed: Option<Instant>,
    /// What it is for.
    pub told: Told,
    /// What it did.
    pub flow: Flow,
    /// Where its first event stands.
    pub place: Place,
}

impl Run {
    /// When it ended or, as far as is known, did what it did last.
    pub fn done(&self) -> Instant {
        self.complete.or(self.failed).unwrap_or(self.last)
    }

    /// Whether its end may still come, when the newest event is of `now`. One that streams is never waited for.
    pub fn may_go_on(&self, now: Option<Instant>) -> bool {
        let has_ended = self.complete.is_some() || self.failed.is_some() || self.told.is_streaming;
        !has_ended && now.is_none_or(|now| now < self.last.plus_days(1))
    }
}

/// What an event without a run declares: from then on, until it is declared anew.
#[derive(Clone, Debug)]
pub struct Design {
    /// What it is for.
    pub told: Told,
    /// What it does.
    pub flow: Flow,
    /// Where the event stands.
    pub place: Place,
}

/// One dataset, from all events.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Its columns.
    pub columns: BTreeSet<Arc<str>>,
    /// Other names of the same data.
    pub aliases: BTreeSet<Entity>,
    /// Tags: column, key and value.
    pub tags: BTreeSet<Tag>,
    /// Who holds it, if a producer says so.
    pub party: Latest<Party>,
    /// Kinds of people whose data it holds; nobody told, everyone.
    pub subjects: BTreeSet<Arc<str>>,
    /// When it was first seen.
    pub first: Instant,
    /// When it was first read.
    pub first_read: Option<Instant>,
    /// Whether something was written into it of which no lineage is told.
    pub is_written_unexplained: bool,
    /// Where it was first seen.
    pub place: Place,
}

/// All that events say.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    /// Runs by their identifier.
    pub runs: BTreeMap<Arc<str>, Run>,
    /// Declarations, by job or dataset and instant.
    pub designs: BTreeMap<(Entity, Instant), Design>,
    /// Datasets, and jobs that lineage names.
    pub datasets: BTreeMap<Entity, Dataset>,
    /// For each column what goes into it, over all runs. A way that shows more stands for those that show less.
    pub into: BTreeMap<Column, BTreeMap<Column, How>>,
    /// Facets that were not read, and in how many events each.
    pub unread: BTreeMap<String, u64>,
    /// The last instant that an event tells of.
    pub last: Option<Instant>,
}

impl Gathered {
    /// Counts facets that nothing reads.
    fn count(&mut self, unread: impl IntoIterator<Item = String>) {
        for name in unread {
            *self.unread.entry(name).or_default() += 1;
        }
    }

    /// Adds an event. That it is not added twice is the caller's business only for the counts of unread facets.
    pub fn add(&mut self, mut event: Event, place: &Place) {
        let at = event.at;
        self.last = self.last.max(Some(at));
        self.count(std::mem::take(&mut event.unread));
        let mut flow = Flow::default();
        for seen in event.inputs {
            self.see(&seen, at, place, Side::Read);
            self.change(&mut flow, &seen, at, place);
            flow.inputs.entry(seen.dataset).or_default().extend(seen.read);
        }
        for seen in event.outputs {
            let is_written = event.kind != Kind::Dataset;
            self.see(&seen, at, place, Side::Other);
            if is_written {
                let columns = flow.outputs.entry(seen.dataset.clone()).or_default();
                columns.extend(seen.columns.iter().cloned());
            }
            if is_written && !seen.is_explained && !seen.columns.is_empty() {
                self.touch(&seen.dataset, at, place, Side::Other)
                    .is_written_unexplained = true;
            }
            flow.only_inputs
                .extend(seen.is_only_inputs.then(|| seen.dataset.clone()));
            if seen.is_explained {
                flow.explained.insert(seen.dataset.clone());
            }
            self.change(&mut flow, &seen, at, place);
        }
        for entity in event.explained {
            self.touch(&entity, at, place, Side::Other);
            flow.explained.insert(entity);
        }
        for edge in event.edges {
            self.add_edge(&edge, at, place);
            flow.edges.insert(edge);
        }
        match event.kind {
            Kind::Run {
                id,
                state,
                parent,
                job,
            } => {
                let run = self.runs.entry(id).or_insert_with(|| Run {
                    job: Latest::default(),
                    parent: Latest::default(),
                    start: None,
                    first: at,
                    last: at,
                    complete: None,
                    failed: None,
                    told: Told::default(),
                    flow: Flow::default(),
                    place: place.clone(),
                });
                run.job.tell(at, Some(job));
                run.parent.tell(at, parent);
                run.first = run.first.min(at);
                run.last = run.last.max(at);
                match state {
                    State::Start => run.start = Some(run.start.map_or(at, |start| start.min(at))),
                    State::Other => {}
                    State::Complete => run.complete = run.complete.max(Some(at)),
                    State::Failed => run.failed = run.failed.max(Some(at)),
                }
                run.told.tell(at, event.says);
                run.flow.join(flow);
                if *place < run.place {
                    run.place = place.clone();
                }
            }
            Kind::Job(job) => self.declare(job, at, event.says, flow, place),
            Kind::Dataset => {
                let of = flow
                    .explained
                    .first()
                    .or(flow.changes.first().map(|(dataset, _)| dataset))
                    .cloned();
                if let Some(dataset) = of {
                    self.declare(dataset, at, event.says, flow, place);
                }
            }
        }
    }

    /// Adds what happened to a dataset as a whole. A run may empty what it read, so inputs count too.
    fn change(&mut self, flow: &mut Flow, seen: &Seen, at: Instant, place: &Place) {
        if let Some(change) = &seen.change {
            if let Change::RenamedFrom(before) = change {
                self.touch(before, at, place, Side::Read);
            }
            flow.changes.insert((seen.dataset.clone(), change.clone()));
        }
    }

    /// Adds an edge between columns to the graph of all columns; the surest of several stays.
    fn add_edge(&mut self, edge: &Edge, at: Instant, place: &Place) {
        for (column, side) in [(&edge.from, Side::Read), (&edge.to, Side::Other)] {
            let dataset = self.touch(&column.of, at, place, side);
            dataset.columns.extend(column.name.clone());
        }
        let into = self.into.entry(edge.to.clone()).or_default();
        let how = into.entry(edge.from.clone()).or_insert(edge.how);
        *how = edge.how.min(*how);
    }

    fn declare(&mut self, of: Entity, at: Instant, says: Says, flow: Flow, place: &Place) {
        let design = self.designs.entry((of, at)).or_insert_with(|| Design {
            told: Told::default(),
            flow: Flow::default(),
            place: place.clone(),
        });
        design.told.tell(at, says);
        design.flow.join(flow);
    }

    fn see(&mut self, seen: &Seen, at: Instant, place: &Place, side: Side) {
        let dataset = self.touch(&seen.dataset, at, place, side);
        dataset.columns.extend(seen.columns.iter().cloned());
        dataset.columns.extend(seen.read.iter().cloned());
        dataset.aliases.extend(seen.aliases.iter().cloned());
        dataset.tags.extend(seen.tags.iter().cloned());
        dataset.party.tell(at, seen.party.clone());
        dataset.subjects.extend(seen.subjects.iter().cloned());
        for (column, _, _) in &seen.tags {
            dataset.columns.extend(column.clone());
        }
    }

    fn touch(&mut self, entity: &Entity, at: Instant, place: &Place, side: Side) -> &mut Dataset {
        let dataset = self.datasets.entry(entity.clone()).or_insert_with(|| Dataset {
            columns: BTreeSet::new(),
            aliases: BTreeSet::new(),
            tags: BTreeSet::new(),
            party: Latest::default(),
            subjects: BTreeSet::new(),
            first: at,
            first_read: None,
            is_written_unexplained: false,
            place: place.clone(),
        });
        dataset.first = dataset.first.min(at);
        if side == Side::Read {
            dataset.first_read = Some(dataset.first_read.map_or(at, |first| first.min(at)));
        }
        if *place < dataset.place {
            dataset.place = place.clone();
        }
        dataset
    }
}

/// On which side of a job a dataset stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Read,
    /// Written, or only shown.
    Other,
}

impl Flow {
    fn join(&mut self, other: Self) {
        for (dataset, read) in other.inputs {
            self.inputs.entry(dataset).or_default().extend(read);
        }
        for (dataset, columns) in other.outputs {
            self.outputs.entry(dataset).or_default().extend(columns);
        }
        self.only_inputs.extend(other.only_inputs);
        self.explained.extend(other.explained);
        self.edges.extend(other.edges);
        self.changes.extend(other.changes);
    }
}
