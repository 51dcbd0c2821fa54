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
use crate::model::place::Place;
use crate::model::time::{Instant, print_utc};
use crate::model::word::Section;

/// When acts take place.
#[derive(Clone, Copy)]
enum Time {
    At(Instant),
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
    is_sure: bool,
    purpose: Arc<str>,
    safeguards: Vec<Arc<str>>,
    /// Who runs the job, if anybody said so.
    runner: Option<Arc<str>>,
    acts: Vec<Item>,
    used: &'w mut Used,
}

type Columns = BTreeSet<Column>;

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
        Time::At(end.unwrap_or(run.last))
    };
    let job = run.job.get();
    let name = job.map_or("run", |job| &*job.name);
    let mut frame = Frame {
        world,
        prefix: format!("{name}/{id}"),
        place: run.place.clone(),
        time,
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
        prefix: format!("{}/declared/{}", world.dataset(of), print_utc(at)),
        place: design.place.clone(),
        time: Time::Standing(at, until),
        is_sure: true,
        purpose: world.purpose(&design.told, job, None),
        safeguards: design.told.safeguards.iter().cloned().collect(),
        runner: runner(world, &design.told, job),
        acts: Vec::new(),
        used,
    };
    frame.flow(&design.flow, job, &design.told);
    frame.acts
}

/// The acts that hold for datasets: what was read before anybody wrote it was there before, and two names of one
/// dataset have the same data.
pub fn of_datasets(world: &World<'_>, used: &mut Used) -> Vec<Item> {
    let mut acts = Vec::new();
    for (entity, dataset) in &world.gathered.datasets {
        let mut frame = Frame {
            world,
            prefix: world.dataset(entity),
            place: dataset.place.clone(),
            time: Time::At(dataset.first),
            is_sure: true,
            purpose: super::world::UNSTATED.into(),
            safeguards: Vec::new(),
            runner: None,
            acts: Vec::new(),
            used: &mut *used,
        };
        if let Some(read) = dataset.first_read
            && dataset.first_written.is_none_or(|written| read < written)
        {
            frame.time = Time::At(read);
            frame.prefix.push_str("/there-before");
            frame.collect(
                &world.holder(entity),
                &world.columns(entity).into_iter().collect(),
            );
        }
        frame.time = Time::Standing(dataset.first, None);
        frame.prefix = format!("{}/same-as", world.dataset(entity));
        for alias in &dataset.aliases {
            if world.gathered.datasets.contains_key(alias) && alias != entity {
                frame.same(entity, alias);
                frame.same(alias, entity);
            }
        }
        acts.append(&mut frame.acts);
    }
    acts
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
        let mut possible: BTreeMap<Column, Columns> = BTreeMap::new();
        let mut influence: BTreeMap<Column, Columns> = BTreeMap::new();
        let mut mentioned: BTreeSet<&Entity> = BTreeSet::new();
        for edge in &flow.edges {
            mentioned.insert(&edge.from.of);
            let is_of_columns = edge.from.name.is_some() && edge.to.name.is_some();
            for to in self.world.spread(&edge.to) {
                let from = self.world.spread(&edge.from);
                match edge.how {
                    How::Influence => influence.entry(to).or_default().extend(from),
                    How::Direct if is_of_columns => sure.entry(to).or_default().0.extend(from),
                    How::Masked if is_of_columns => sure.entry(to).or_default().1.extend(from),
                    How::Direct | How::Masked => possible.entry(to).or_default().extend(from),
                }
            }
        }
        // What was read and is named in no lineage may be anywhere in what was written, and all that was read may be
        // in what has no lineage.
        let targets = flow.outputs.iter().chain(&flow.explained);
        for target in targets.collect::<BTreeSet<_>>() {
            let is_explained = flow.explained.contains(target);
            let read: Columns = flow
                .inputs
                .iter()
                .filter(|(input, _)| *input != target && !(is_explained && mentioned.contains(input)))
                .flat_map(|(input, columns)| self.read(input, columns))
                .collect();
            // What lineage explains as having no source has none.
            let has_lineage = !is_explained || flow.edges.iter().any(|edge| edge.to.of == *target);
            if !read.is_empty() && has_lineage && !target.is_job {
                for to in self.world.columns(target) {
                    possible.entry(to).or_default().extend(read.iter().cloned());
                }
            }
        }
        // A column that is known to come from a dataset does not also possibly come from the whole of it.
        for (to, from) in &mut possible {
            if let Some((direct, masked)) = sure.get(to) {
                from.retain(|column| !direct.iter().chain(masked).any(|known| known.of == column.of));
            }
        }
        self.ingest(flow, &sure);
        self.derive_all(&sure, &possible, &influence);
        self.sinks(flow, job, told);
        self.changes_after(flow);
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
        for output in flow.outputs.iter().filter(|output| !emptied(output)) {
            let new: Columns = self
                .world
                .columns(output)
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
        possible: &BTreeMap<Column, Columns>,
        influence: &BTreeMap<Column, Columns>,
    ) {
        let certainty = if self.is_sure {
            Carries::Surely
        } else {
            Carries::Possibly
        };
        let mut groups: BTreeMap<(u8, Columns), (Carries, bool, Columns)> = BTreeMap::new();
        let mut group = |order, from: Columns, carries, is_masked, to: &Column| {
            if !from.is_empty() {
                groups
                    .entry((order, from))
                    .or_insert_with(|| (carries, is_masked, Columns::new()))
                    .2
                    .insert(to.clone());
            }
        };
        for (to, (direct, masked)) in sure {
            group(0, direct.clone(), certainty, false, to);
            group(1, masked - direct, certainty, true, to);
        }
        for (to, from) in possible {
            group(2, from.clone(), Carries::Possibly, false, to);
        }
        for (to, from) in influence {
            group(3, from.clone(), Carries::Influence, false, to);
        }
        for ((_, from), (carries, is_masked, to)) in groups {
            self.make(&from, &to, carries, is_masked);
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
            for (source, theirs) in &by_source {
                self.share(source, &maker, theirs, carries);
            }
            self.derive(&maker, from, &columns, carries, is_masked);
            self.share(&maker, &target, &columns, carries);
        }
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
            if holder == taker {
                self.act(
                    "use",
                    Carries::Surely,
                    vec![("by", holder.to_string())],
                    &read,
                    None,
                    false,
                );
            } else {
                self.share(&holder, &taker, &read, carries);
            }
        }
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
        let mut names: BTreeSet<Option<Arc<str>>> = own.iter().map(|column| column.name.clone()).collect();
        if names.iter().any(Option::is_some) && theirs.iter().any(|column| column.name.is_some()) {
            names.extend(theirs.into_iter().map(|column| column.name));
            names.remove(&None);
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
        let place = &self.place;
        let names = |columns: &Columns| {
            let names: BTreeSet<String> = columns.iter().map(|column| self.world.field(column)).collect();
            draft::texts(place, names)
        };
        let at = match self.time {
            Time::At(at) => draft::text(print_utc(at)),
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
            ("subjects", Some(draft::text("everyone"))),
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
