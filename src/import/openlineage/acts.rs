//! The acts of a run, of a declaration, and of datasets that were there before.
//!
//! Column lineage becomes derivations that carry for certain. Where nobody said which column went where, every column
//! read may be in every column written: those acts are marked `carries: possible`. What merely influenced the rows is
//! marked `carries: influence`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::event::{Change, Column, Entity, How, Party};
use super::gather::{Design, Flow, Run, Told};
use super::things::Used;
use super::world::World;
use crate::facts::node::Value;
use crate::import::draft::{self, Item};
use crate::import::mapping::Times;
use crate::model::place::Place;
use crate::model::time::{Instant, print_utc};
use crate::model::word::Section;

/// When acts take place.
#[derive(Clone, Copy)]
enum Time {
    At(Instant),
    /// At one instant of these bounds, both included.
    Within(Instant, Instant),
    Standing(Instant, Option<Instant>),
}

/// How surely an act carries data.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Carries {
    Surely,
    Possibly,
    Influence,
}

/// What is common to the acts of one run or declaration.
struct Frame<'w, 'a> {
    world: &'w World<'a>,
    prefix: String,
    place: Place,
    time: Time,
    /// When it may have begun to read, when that is told apart from the end.
    reads_from: Option<Instant>,
    is_sure: bool,
    purpose: Arc<str>,
    safeguards: Vec<Arc<str>>,
    /// Who runs the job, if anybody said so.
    runner: Option<Arc<str>>,
    acts: Vec<Item>,
    used: &'w mut Used,
}

type Columns = BTreeSet<Column>;

/// What may be where.
#[derive(Default)]
struct May {
    /// In any column of a dataset.
    anywhere: BTreeMap<Entity, Columns>,
    /// In one column.
    of_column: BTreeMap<Column, Columns>,
}

impl May {
    fn add(&mut self, to: &Column, from: impl IntoIterator<Item = Column>) {
        let known = if to.name.is_some() {
            self.of_column.entry(to.clone()).or_default()
        } else {
            self.anywhere.entry(to.of.clone()).or_default()
        };
        known.extend(from);
    }
}

/// The acts of a run.
pub fn of_run(id: &str, run: &Run, world: &World<'_>, used: &mut Used) -> Vec<Item> {
    let streams = run.told.is_streaming;
    let end = run.complete.or(run.failed);
    let time = if streams {
        Time::Standing(
            run.start.unwrap_or(run.first),
            end.filter(|end| *end > run.start.unwrap_or(run.first)),
        )
    } else {
        Time::At(run.done())
    };
    let job = run.job.get();
    let name = job.map_or("run", |job| &*job.name);
    let mut frame = Frame {
        world,
        prefix: used.prefix(&format!("{name}/{id}")),
        place: run.place.clone(),
        time,
        reads_from: reads_from(id, run, world),
        is_sure: run.complete.is_some() || streams,
        purpose: world.purpose(&run.told, job, run.parent.get()),
        safeguards: run.told.safeguards.iter().cloned().collect(),
        runner: runner(world, &run.told, job),
        acts: Vec::new(),
        used,
    };
    frame.flow(&run.flow, job, &run.told);
    frame.acts
}

/// The acts of a declaration, which stands until the next one of the same job or dataset.
pub fn of_design(
    of: &Entity,
    at: Instant,
    until: Option<Instant>,
    design: &Design,
    world: &World<'_>,
    used: &mut Used,
) -> Vec<Item> {
    let job = Some(of).filter(|of| of.is_job);
    let mut frame = Frame {
        world,
        prefix: used.prefix(&format!("{}/declared/{}", world.dataset(of), print_utc(at))),
        place: design.place.clone(),
        time: Time::Standing(at, until),
        reads_from: None,
        is_sure: true,
        purpose: world.purpose(&design.told, job, None),
        safeguards: design.told.safeguards.iter().cloned().collect(),
        runner: runner(world, &design.told, job),
        acts: Vec::new(),
        used,
    };
    if job.is_some() {
        frame.flow(&design.flow, job, &design.told);
        return frame.acts;
    }
    // Lineage of a dataset goes on; what happened to it has happened.
    let mut lineage = design.flow.clone();
    let changes = std::mem::take(&mut lineage.changes);
    frame.flow(&lineage, job, &design.told);
    frame.time = Time::At(at);
    frame.happened(&Flow {
        changes,
        ..Flow::default()
    });
    frame.acts
}

/// The acts that hold for datasets: what was read before anybody wrote it was there before, and two names of one
/// dataset have the same data.
pub fn of_datasets(world: &World<'_>, used: &mut Used) -> Vec<Item> {
    let mut acts = Vec::new();
    let begun = first_readers(world);
    let mut first_of: BTreeMap<&Entity, &Entity> = BTreeMap::new();
    for (entity, dataset) in &world.gathered.datasets {
        for alias in &dataset.aliases {
            first_of.entry(alias).or_insert(entity);
        }
    }
    for (entity, dataset) in &world.gathered.datasets {
        let mut frame = Frame {
            world,
            prefix: String::new(),
            place: dataset.place.clone(),
            time: Time::At(dataset.first),
            reads_from: None,
            is_sure: true,
            purpose: super::world::UNSTATED.into(),
            safeguards: Vec::new(),
            runner: None,
            acts: Vec::new(),
            used: &mut *used,
        };
        if let Some(read) = dataset.first_read
            && world.overlaps.first(entity).is_none_or(|written| read < written)
        {
            frame.time = Time::At(begun.get(entity).map_or(read, |begun| read.min(*begun)));
            frame.prefix = frame
                .used
                .prefix(&format!("{}/there-before", world.dataset(entity)));
            frame.collect(
                &world.holder(entity),
                &world.columns(entity).into_iter().collect(),
            );
        }
        frame.time = Time::Standing(dataset.first, None);
        if !dataset.aliases.is_empty() {
            frame.prefix = frame.used.prefix(&format!("{}/same-as", world.dataset(entity)));
        }
        for alias in &dataset.aliases {
            // A name that nobody uses makes those the same that have it in common.
            let other = if world.gathered.datasets.contains_key(alias) {
                Some(alias)
            } else {
                first_of.get(alias).copied()
            };
            if let Some(other) = other.filter(|other| *other != entity) {
                frame.same(entity, other);
                frame.same(other, entity);
            }
        }
        acts.append(&mut frame.acts);
    }
    acts
}

/// When a run may have begun to read, where that makes a difference or the mapping asks for it and the run tells both
/// ends. One that also empties, overwrites or renames datasets is taken to do all of it in its order at the end: what it
/// wrote must not come before what it took away.
fn reads_from(id: &str, run: &Run, world: &World<'_>) -> Option<Instant> {
    let (start, end, job) = (run.start?, run.complete?, run.job.get()?);
    let is_plain = !run.told.is_streaming && run.flow.changes.is_empty();
    let is_asked = || match world.mapping.times(&job.namespace, &job.name) {
        Times::Bounds => true,
        Times::Completed => false,
        Times::Overlaps => world.overlaps.meet(id, read_by(run), start, end),
    };
    (is_plain && start < end && is_asked()).then_some(start)
}

/// When the first run that reads a dataset may have begun to.
fn first_readers<'w>(world: &World<'w>) -> BTreeMap<&'w Entity, Instant> {
    let mut begun: BTreeMap<&Entity, Instant> = BTreeMap::new();
    for (id, run) in &world.gathered.runs {
        let Some(start) = reads_from(id, run, world) else {
            continue;
        };
        for entity in read_by(run) {
            let first = begun.entry(entity).or_insert(start);
            *first = start.min(*first);
        }
    }
    begun
}

/// What a run reads: its inputs, and what its lineage names as sources.
fn read_by(run: &Run) -> impl Iterator<Item = &Entity> {
    (run.flow.inputs.keys()).chain(run.flow.edges.iter().map(|edge| &edge.from.of))
}

fn runner(world: &World<'_>, told: &Told, job: Option<&Entity>) -> Option<Arc<str>> {
    let mapped = job
        .filter(|job| world.mapping.runner(&job.namespace, &job.name).is_some())
        .map(|job| world.holder(job));
    mapped.or_else(|| told.party.get().map(|party| Arc::clone(&party.id)))
}

impl Frame<'_, '_> {
    fn flow(&mut self, flow: &Flow, job: Option<&Entity>, told: &Told) {
        self.changes_before(flow);
        let mut sure: BTreeMap<Column, (Columns, Columns)> = BTreeMap::new();
        let mut influence: BTreeMap<Column, Columns> = BTreeMap::new();
        let mut may = May::default();
        for edge in &flow.edges {
            let from = self.world.spread(&edge.from);
            let is_of_columns = edge.from.name.is_some() && edge.to.name.is_some();
            match edge.how {
                How::Influence => {
                    for to in self.world.spread(&edge.to) {
                        influence.entry(to).or_default().extend(from.iter().cloned());
                    }
                }
                How::Direct if is_of_columns => sure.entry(edge.to.clone()).or_default().0.extend(from),
                How::Masked if is_of_columns => sure.entry(edge.to.clone()).or_default().1.extend(from),
                How::Direct | How::Masked => may.add(&edge.to, from),
            }
        }
        self.unexplained(flow, &mut may);
        let possible = self.possible(flow, may, &sure);
        self.ingest(flow, &sure);
        self.derive_all(&sure, possible, influence);
        self.sinks(flow, job, told);
        self.changes_after(flow);
    }

    /// What was read and is named in no lineage may be anywhere in what was written, and all that was read may be in
    /// what has no lineage.
    fn unexplained(&self, flow: &Flow, may: &mut May) {
        let mentioned: BTreeSet<&Entity> = flow.edges.iter().map(|edge| &edge.from.of).collect();
        let targets: BTreeSet<&Entity> = flow.outputs.keys().chain(&flow.explained).collect();
        for target in targets {
            let is_explained = flow.explained.contains(target);
            // What lineage explains as having no source has none.
            let has_lineage = !is_explained || flow.edges.iter().any(|edge| edge.to.of == *target);
            if !has_lineage || target.is_job {
                continue;
            }
            let read = flow
                .inputs
                .iter()
                // What a run does to one dataset is no flow, unless it says which columns of it were read.
                .filter(|(input, columns)| *input != target || !columns.is_empty())
                .filter(|(input, _)| !(is_explained && mentioned.contains(input)))
                .flat_map(|(input, columns)| self.read(input, columns));
            let all = Column {
                of: target.clone(),
                name: None,
            };
            may.add(&all, read);
        }
    }

    /// Sources and results that have them in common. A column that is known to come from a dataset does not also
    /// possibly come from the whole of it.
    fn possible(
        &self,
        flow: &Flow,
        mut may: May,
        sure: &BTreeMap<Column, (Columns, Columns)>,
    ) -> BTreeMap<Columns, Columns> {
        let known = |to: &Column| -> BTreeSet<Entity> {
            sure.get(to)
                .into_iter()
                .flat_map(|(direct, masked)| direct.iter().chain(masked))
                .map(|column| column.of.clone())
                .collect()
        };
        // Thousands of columns may all come from the same thousands: their sources are put together once.
        let mut alike: BTreeMap<(Option<Entity>, Columns, BTreeSet<Entity>), Columns> = BTreeMap::new();
        for target in may.anywhere.keys() {
            for to in self.written(target, flow) {
                let own = may.of_column.remove(&to).unwrap_or_default();
                let key = (Some(target.clone()), own, known(&to));
                alike.entry(key).or_default().insert(to);
            }
        }
        for (to, own) in may.of_column {
            alike.entry((None, own, known(&to))).or_default().insert(to);
        }
        let mut possible: BTreeMap<Columns, Columns> = BTreeMap::new();
        for ((target, mut from, known), to) in alike {
            if let Some(everywhere) = target.and_then(|target| may.anywhere.get(&target)) {
                from.extend(everywhere.iter().cloned());
            }
            from.retain(|column| !known.contains(&column.of));
            if !from.is_empty() {
                possible.entry(from).or_default().extend(to);
            }
        }
        possible
    }

    /// The columns of an output that were written: those that the run itself shows, or else all that it is known to have.
    fn written(&self, output: &Entity, flow: &Flow) -> Vec<Column> {
        let shown = flow.outputs.get(output).filter(|shown| !shown.is_empty());
        let Some(shown) = shown else {
            return self.world.columns(output);
        };
        let explained = flow.edges.iter().filter(|edge| edge.to.of == *output);
        let names: BTreeSet<&Arc<str>> = shown
            .iter()
            .chain(explained.filter_map(|edge| edge.to.name.as_ref()))
            .collect();
        names
            .into_iter()
            .map(|name| Column {
                of: output.clone(),
                name: Some(Arc::clone(name)),
            })
            .collect()
    }

    /// The columns of an input that were read.
    fn read(&self, input: &Entity, columns: &BTreeSet<Arc<str>>) -> Vec<Column> {
        if columns.is_empty() {
            return self.world.columns(input);
        }
        columns
            .iter()
            .map(|name| Column {
                of: input.clone(),
                name: Some(Arc::clone(name)),
            })
            .collect()
    }

    /// Columns written of which no source is known for certain: they are there all the same.
    fn ingest(&mut self, flow: &Flow, sure: &BTreeMap<Column, (Columns, Columns)>) {
        if !self.is_sure {
            return;
        }
        let emptied = |dataset: &Entity| flow.changes.contains(&(dataset.clone(), Change::Emptied));
        let may_be_new = |output: &&Entity| !emptied(output) && !flow.only_inputs.contains(*output);
        for output in flow.outputs.keys().filter(may_be_new) {
            let new: Columns = self
                .written(output, flow)
                .into_iter()
                .filter(|column| !sure.contains_key(column))
                .collect();
            let renamed = flow
                .changes
                .iter()
                .any(|(dataset, change)| dataset == output && matches!(change, Change::RenamedFrom(_)));
            if !new.is_empty() && !renamed {
                self.collect(&self.world.holder(output), &new);
            }
        }
    }

    fn derive_all(
        &mut self,
        sure: &BTreeMap<Column, (Columns, Columns)>,
        possible: BTreeMap<Columns, Columns>,
        influence: BTreeMap<Column, Columns>,
    ) {
        let certainty = if self.is_sure {
            Carries::Surely
        } else {
            Carries::Possibly
        };
        let mut shown: BTreeMap<Columns, Columns> = BTreeMap::new();
        let mut hidden: BTreeMap<Columns, Columns> = BTreeMap::new();
        for (to, (direct, masked)) in sure {
            shown.entry(direct.clone()).or_default().insert(to.clone());
            hidden.entry(masked - direct).or_default().insert(to.clone());
        }
        let mut swayed: BTreeMap<Columns, Columns> = BTreeMap::new();
        for (to, from) in influence {
            swayed.entry(from).or_default().insert(to);
        }
        for (groups, carries, is_masked) in [
            (shown, certainty, false),
            (hidden, certainty, true),
            (possible, Carries::Possibly, false),
            (swayed, Carries::Influence, false),
        ] {
            for (from, to) in groups.into_iter().filter(|(from, _)| !from.is_empty()) {
                self.make(&from, &to, carries, is_masked);
            }
        }
    }

    /// Columns out of columns: made where the job runs; if that is not known, where all sources lie, and otherwise
    /// where the result lies.
    fn make(&mut self, from: &Columns, to: &Columns, carries: Carries, is_masked: bool) {
        let mut by_target: BTreeMap<Arc<str>, Columns> = BTreeMap::new();
        for column in to {
            by_target
                .entry(self.world.holder(&column.of))
                .or_default()
                .insert(column.clone());
        }
        let mut by_source: BTreeMap<Arc<str>, Columns> = BTreeMap::new();
        for column in from {
            by_source
                .entry(self.world.holder(&column.of))
                .or_default()
                .insert(column.clone());
        }
        for (target, columns) in by_target {
            let maker = match (&self.runner, by_source.len()) {
                (Some(runner), _) => Arc::clone(runner),
                (None, 1) => by_source
                    .keys()
                    .next()
                    .map_or_else(|| Arc::clone(&target), Arc::clone),
                (None, _) => Arc::clone(&target),
            };
            // What is given to the maker is what is read; the maker makes of it what is there at the end. A maker that
            // has all of it already reads while it makes.
            self.reading(|frame| {
                for (source, theirs) in &by_source {
                    frame.share(source, &maker, theirs, carries);
                }
            });
            if by_source.keys().all(|source| *source == maker) {
                self.reading(|frame| frame.derive(&maker, from, &columns, carries, is_masked));
            } else {
                self.derive(&maker, from, &columns, carries, is_masked);
            }
            self.share(&maker, &target, &columns, carries);
        }
    }

    /// Does what reads: from the start on, where that is told apart.
    fn reading(&mut self, does: impl FnOnce(&mut Self)) {
        let time = self.time;
        if let (Some(from), Time::At(end)) = (self.reads_from, time) {
            self.time = Time::Within(from, end);
        }
        does(self);
        self.time = time;
    }

    /// A run that reads and writes nothing has taken the data somewhere: to the recipient it names, to whoever runs
    /// it, or to itself.
    fn sinks(&mut self, flow: &Flow, job: Option<&Entity>, told: &Told) {
        let is_sink = flow.outputs.is_empty() && !flow.edges.iter().any(|edge| !edge.to.of.is_job);
        let recipient = told.recipient.get();
        if !is_sink && recipient.is_none() {
            return;
        }
        let Some(taker) = recipient
            .map(|party: &Party| Arc::clone(&party.id))
            .or_else(|| self.runner.clone())
            .or_else(|| job.map(|job| self.world.holder(job)))
        else {
            return;
        };
        let named: BTreeSet<&Entity> = flow.edges.iter().map(|edge| &edge.from.of).collect();
        for (input, columns) in &flow.inputs {
            if named.contains(input) && recipient.is_none() {
                continue;
            }
            let carries = if self.is_sure && !columns.is_empty() {
                Carries::Surely
            } else {
                Carries::Possibly
            };
            let holder = self.world.holder(input);
            let read: Columns = self.read(input, columns).into_iter().collect();
            self.reading(|frame| {
                if holder == taker {
                    let by = vec![("by", holder.to_string())];
                    frame.act("use", Carries::Surely, by, &read, None, false);
                } else {
                    frame.share(&holder, &taker, &read, carries);
                }
            });
        }
    }

    /// What happened to datasets, when nobody says by which run. Rows that replace others come from nobody knows where.
    fn happened(&mut self, flow: &Flow) {
        self.changes_before(flow);
        let replaced = flow
            .changes
            .iter()
            .filter(|(_, change)| *change == Change::Overwritten);
        for (dataset, _) in replaced {
            let columns = self.world.columns(dataset).into_iter().collect();
            self.collect(&self.world.holder(dataset), &columns);
        }
        self.changes_after(flow);
    }

    /// Rows that go before new ones come.
    fn changes_before(&mut self, flow: &Flow) {
        if !self.is_sure {
            return;
        }
        for (dataset, change) in &flow.changes {
            let is_read_too = flow.inputs.contains_key(dataset);
            if *change == Change::Overwritten && !is_read_too {
                self.delete(dataset);
            }
        }
    }

    fn changes_after(&mut self, flow: &Flow) {
        for (dataset, change) in &flow.changes {
            match change {
                Change::Emptied if self.is_sure => self.delete(dataset),
                Change::RenamedFrom(before) => {
                    self.same(before, dataset);
                    if self.is_sure {
                        self.delete(before);
                    }
                }
                Change::Emptied | Change::Overwritten => {}
            }
        }
    }

    /// The data of one dataset in another, column by column.
    fn same(&mut self, from: &Entity, to: &Entity) {
        let certainty = if self.is_sure {
            Carries::Surely
        } else {
            Carries::Possibly
        };
        let own = self.world.columns(from);
        let theirs = self.world.columns(to);
        if own.iter().all(|column| column.name.is_none()) {
            // Of the one nobody told the columns: whatever it had is in those of the other.
            let (from, to) = (own.into_iter().collect(), theirs.into_iter().collect());
            self.make(&from, &to, certainty, false);
            return;
        }
        let mut names: BTreeSet<Option<Arc<str>>> = own.iter().map(|column| column.name.clone()).collect();
        if theirs.iter().any(|column| column.name.is_some()) {
            names.extend(theirs.into_iter().map(|column| column.name));
        }
        for name in names {
            let of = |entity: &Entity| {
                let column = Column {
                    of: entity.clone(),
                    name: name.clone(),
                };
                Columns::from([column])
            };
            self.make(&of(from), &of(to), certainty, false);
        }
    }

    fn collect(&mut self, to: &str, fields: &Columns) {
        let time = self.time;
        // A collection is of one instant, also when the flow that it begins stands.
        if let Time::Standing(from, _) = time {
            self.time = Time::At(from);
        }
        self.act(
            "collect",
            Carries::Surely,
            vec![("to", to.to_owned())],
            fields,
            None,
            false,
        );
        self.time = time;
    }

    fn delete(&mut self, dataset: &Entity) {
        let Time::At(_) = self.time else { return };
        let by = self.world.holder(dataset).to_string();
        let fields = self.world.columns(dataset).into_iter().collect();
        self.act("delete", Carries::Surely, vec![("by", by)], &fields, None, false);
    }

    fn derive(&mut self, by: &str, from: &Columns, makes: &Columns, carries: Carries, is_masked: bool) {
        if from != makes {
            self.act(
                "derive",
                carries,
                vec![("by", by.to_owned())],
                from,
                Some(makes),
                is_masked,
            );
        }
    }

    fn share(&mut self, from: &str, to: &str, fields: &Columns, carries: Carries) {
        if from != to {
            let parties = vec![("from", from.to_owned()), ("to", to.to_owned())];
            self.act("share", carries, parties, fields, None, false);
        }
    }

    fn act(
        &mut self,
        kind: &'static str,
        carries: Carries,
        parties: Vec<(&'static str, String)>,
        fields: &Columns,
        makes: Option<&Columns>,
        is_masked: bool,
    ) {
        for (column, place) in fields
            .iter()
            .chain(makes.into_iter().flatten())
            .map(|column| (column, &self.place))
        {
            let id = self.world.field(column);
            self.used
                .fields
                .entry(id)
                .or_insert_with(|| (column.clone(), place.clone()));
        }
        for (_, party) in &parties {
            let entry = self.used.processors.entry(party.as_str().into());
            entry.or_insert_with(|| self.place.clone());
        }
        if kind != "delete" {
            let entry = self.used.purposes.entry(Arc::clone(&self.purpose));
            entry.or_insert_with(|| self.place.clone());
        }
        let subjects = self.world.subjects(fields);
        for subject in &subjects {
            let entry = self.used.subjects.entry(Arc::clone(subject));
            entry.or_insert_with(|| self.place.clone());
        }
        let place = &self.place;
        let whose = if subjects.is_empty() {
            draft::text("everyone")
        } else {
            draft::texts(place, &subjects)
        };
        let names = |columns: &Columns| {
            let names: BTreeSet<String> = columns.iter().map(|column| self.world.field(column)).collect();
            draft::texts(place, names)
        };
        let at = match self.time {
            Time::At(at) => draft::text(print_utc(at)),
            Time::Within(earliest, latest) => {
                draft::map(
                    place,
                    vec![
                        ("earliest", Some(draft::text(print_utc(earliest)))),
                        ("latest", Some(draft::text(print_utc(latest)))),
                    ],
                )
                .value
            }
            Time::Standing(from, until) if kind != "delete" => {
                draft::map(
                    place,
                    vec![
                        ("from", Some(draft::text(print_utc(from)))),
                        ("until", until.map(|until| draft::text(print_utc(until)))),
                    ],
                )
                .value
            }
            Time::Standing(from, _) => draft::text(print_utc(from)),
        };
        let is_flow = kind == "share" && !self.safeguards.is_empty();
        let mut keys: Vec<(&'static str, Option<Value<'static>>)> = vec![
            (
                "id",
                Some(draft::text(format!("{}/{}", self.prefix, self.acts.len() + 1))),
            ),
            ("at", Some(at)),
            ("act", Some(draft::text(kind))),
            ("subjects", Some(whose)),
        ];
        keys.extend(parties.into_iter().map(|(key, id)| (key, Some(draft::text(id)))));
        keys.push(("fields", Some(names(fields))));
        keys.push(("makes", makes.map(names)));
        keys.push(("method", is_masked.then(|| draft::text("deidentify"))));
        keys.push(("purpose", (kind != "delete").then(|| draft::text(&*self.purpose))));
        keys.push((
            "safeguards",
            is_flow.then(|| draft::texts(place, &self.safeguards)),
        ));
        keys.push((
            "carries",
            match carries {
                Carries::Surely => None,
                Carries::Possibly => Some(draft::text("possible")),
                Carries::Influence => Some(draft::text("influence")),
            },
        ));
        self.acts.push(Item {
            section: Section::Events,
            node: draft::map(place, keys),
            place: self.world.told_at(&self.place, fields.first()),
        });
    }
}
