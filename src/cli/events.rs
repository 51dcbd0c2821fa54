//! `wherefore import` of OpenLineage events.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::exit::Exit;
use super::out::outln;
use super::source::{self, Failure};
use crate::db::{AsOf, Db, Mode, Receipt};
use crate::import::Format;
use crate::import::draft::Item;
use crate::import::fides;
use crate::import::mapping::Mapping;
use crate::import::openlineage::{self, Gathered, Refusal, Unfinished, file};
use crate::intake::{self, Applied, Fate, Intake, declared};
use crate::model::place::Place;
use crate::model::time::{Instant, print_utc};

/// What files hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Facts, written as the ending of the file says.
    Facts,
    /// Facts, in YAML.
    Yaml,
    /// Facts, in JSON.
    Json,
    /// Facts, one a line.
    Ndjson,
    /// A table of acts with commas.
    Csv,
    /// A table of acts in Parquet.
    Parquet,
    /// OpenLineage events: one JSON object, a list, or one a line; also packed with gzip.
    Openlineage,
    /// A dbt manifest (version 7 to 12), with its catalog as another file if there is one.
    Dbt,
    /// `DataHub` metadata change proposals, a list of them.
    Datahub,
    /// PROV-JSON.
    Prov,
    /// Fides manifests, YAML or JSON.
    Fides,
}

impl Kind {
    /// Whether files of the kind hold facts.
    fn is_of_facts(self) -> bool {
        self == Self::Facts || self.written().is_some()
    }

    /// How facts are written, where the kind says it.
    fn written(self) -> Option<Format> {
        match self {
            Self::Yaml => Some(Format::Yaml),
            Self::Json => Some(Format::Json),
            Self::Ndjson => Some(Format::Ndjson),
            Self::Csv => Some(Format::Csv),
            Self::Parquet => Some(Format::Parquet),
            Self::Facts | Self::Openlineage | Self::Dbt | Self::Datahub | Self::Prov | Self::Fides => None,
        }
    }
}

/// How to import what other programs wrote.
#[derive(Debug, Args)]
pub struct Foreign {
    /// What the files hold [default: seen by ending and content].
    #[arg(long, value_enum)]
    format: Option<Kind>,
    /// Which namespace of OpenLineage events belongs to whom: a mapping file [default: the one given last for this store].
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Print what would change, and write nothing (OpenLineage events).
    #[arg(long)]
    dry_run: bool,
    /// Import the well-formed events of a file that has malformed ones too, and keep a list of those; exits 2.
    #[arg(long)]
    skip_refused: bool,
    /// Go on: import the files of this folder as they come and change, until stopped. Files are read when they have not
    /// changed for a second.
    #[arg(long, value_name = "DIR", conflicts_with = "dry_run")]
    watch: Option<PathBuf>,
    /// Of Fides manifests, which have no times: since when it is so what they declare [default: now].
    #[arg(long, value_name = "INSTANT", value_parser = source::instant)]
    since: Option<Instant>,
}

impl Foreign {
    /// How fact files are written, where the command says it.
    pub fn written(&self) -> Option<Format> {
        self.format.and_then(Kind::written)
    }

    /// Whether the file is to be read as events.
    pub fn is_events(&self, path: &Path) -> Result<bool, Failure> {
        match self.format {
            Some(kind) => Ok(!kind.is_of_facts() && kind != Kind::Fides),
            None if path.as_os_str() == "-" => Ok(false),
            None => Ok(source::looks_like_events(path)?),
        }
    }

    /// Whether the file is to be read as a Fides manifest.
    pub fn is_manifest(&self, path: &Path) -> Result<bool, Failure> {
        match self.format {
            Some(kind) => Ok(kind == Kind::Fides),
            None if path.as_os_str() == "-" => Ok(false),
            None => source::looks_like_manifest(path),
        }
    }

    /// Imports Fides manifests, together: what one of them names, another may have.
    pub fn import_manifests(&self, files: &[PathBuf], store: &Path) -> Result<Exit, Failure> {
        let mapping = source::mapping(self.mapping.as_deref())?;
        let mut parts = Vec::new();
        for path in files {
            let (text, name) = source::unpacked(path)?;
            parts.push((name, text));
        }
        let now = source::now();
        let stated = fides::stated(&parts, &mapping, self.since.unwrap_or(now))
            .map_err(|problems| source::refusal_of(&problems, &parts))?;
        let name = parts.first().map_or("fides", |(name, _)| name);
        let own = fides::header(&mapping, name, now);
        let changes = |db: &Db| declared::changes(db, stated.items.clone());
        if self.dry_run {
            let applied = if store.is_dir() {
                changes(&Db::open(store, Mode::Read, AsOf::Now(source::now))?)?.0
            } else {
                Applied {
                    new: stated.items,
                    ..Applied::default()
                }
            };
            draw(&applied);
            return Ok(Exit::Clean);
        }
        // A manifest that cannot be committed must not leave a new, empty store behind.
        if !store.is_dir() {
            fides::document(&parts, &mapping, self.since.unwrap_or(now))
                .map_err(|problems| source::refusal_of(&problems, &parts))?;
        }
        let db = Db::open(store, Mode::Create, AsOf::Now(source::now))?;
        let (applied, known) = changes(&db)?;
        let receipt = declared::commit(&db, &applied, own, (name, "import"), now)?;
        tell_commit(receipt.as_ref(), &applied);
        if known > 0 {
            outln!("{known} facts were known already");
        }
        source::note_kept(&stated.kept);
        Ok(Exit::Clean)
    }

    /// Whether something was asked for that goes with events only.
    pub fn wants_events(&self) -> bool {
        self.dry_run || self.skip_refused || self.mapping.is_some() || self.watch.is_some()
    }

    /// Imports files of events.
    pub fn import(&self, files: &[PathBuf], store: &Path) -> Result<Exit, Failure> {
        let mapping = source::mapping_or_kept(self.mapping.as_deref(), store)?;
        let mut texts = Vec::new();
        for path in files {
            texts.push((path.as_path(), source::unpacked(path)?));
        }
        let catalogs: Vec<Value> = texts
            .iter()
            .filter(|(_, (text, _))| text.contains("dbt/catalog/v"))
            .filter_map(|(_, (text, _))| serde_json::from_str(text).ok())
            .collect();
        let mut all = Vec::new();
        for (path, (text, name)) in &texts {
            if catalogs.is_empty() || !text.contains("dbt/catalog/v") {
                all.push((*path, self.read(text, name, &catalogs, &mapping)?));
            }
        }
        let is_given = self.mapping.is_some();
        if is_given && !store.is_dir() {
            source::declared(&mapping, None)?;
        }
        if self.dry_run {
            return preview(all, store, &mapping, is_given);
        }
        if let Some(folder) = &self.watch {
            // A store that nothing can come into must not be made.
            std::fs::read_dir(folder).map_err(|cause| Failure::Unreadable {
                path: folder.clone(),
                cause,
            })?;
        }
        let db = Db::open(store, Mode::Create, AsOf::Now(source::now))?;
        if is_given {
            source::declared(&mapping, Some(&db))?;
        }
        let intake = Intake::open(store, db, source::now, mapping)?;
        let exit = take(&intake, all)?;
        if let Some(folder) = &self.watch {
            return self.go_on(folder, &intake);
        }
        tell(&intake.counts());
        Ok(exit)
    }

    /// Imports what comes into a folder. A file that is refused is told of and does not end the watch; that nothing can be
    /// kept any more does.
    fn go_on(&self, folder: &Path, intake: &Intake) -> Result<Exit, Failure> {
        const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);
        let mut known: BTreeMap<PathBuf, (u64, Option<SystemTime>)> = BTreeMap::new();
        let mut growing: BTreeMap<PathBuf, (u64, Option<SystemTime>)> = BTreeMap::new();
        outln!("watching {}; stop with Ctrl-C", folder.display());
        loop {
            let unreadable = |cause| Failure::Unreadable {
                path: folder.to_owned(),
                cause,
            };
            let mut files: Vec<PathBuf> = Vec::new();
            for entry in std::fs::read_dir(folder).map_err(unreadable)? {
                files.push(entry.map_err(unreadable)?.path());
            }
            files.sort();
            for path in files.iter().filter(|path| path.is_file()) {
                let Ok(about) = std::fs::metadata(path) else {
                    continue;
                };
                let stamp = (about.len(), about.modified().ok());
                if known.get(path) == Some(&stamp) {
                    continue;
                }
                // A file that was just written may be half there.
                if growing.insert(path.clone(), stamp) != Some(stamp) {
                    continue;
                }
                growing.remove(path);
                known.insert(path.clone(), stamp);
                let taken = self.is_events(path).and_then(|is_events| {
                    if is_events {
                        self.take_file(path, intake)
                    } else {
                        source::note(&format!(
                            "{}: no events, so it was left; a watch takes what pipelines emit",
                            path.display()
                        ));
                        Ok(())
                    }
                });
                match taken {
                    Ok(()) => {}
                    Err(failure @ (Failure::Document { .. } | Failure::Unreadable { .. })) => {
                        eprintln!("{failure}");
                    }
                    Err(failure) => return Err(failure),
                }
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn take_file(&self, path: &Path, intake: &Intake) -> Result<(), Failure> {
        let (text, name) = source::unpacked(path)?;
        let events = self.read(&text, &name, &[], intake.mapping())?;
        take(intake, vec![(path, events)]).map(|_| ())
    }
}

/// Takes events of files and commits what follows from them.
fn take(intake: &Intake, all: Events<'_>) -> Result<Exit, Failure> {
    let mut exit = Exit::Clean;
    for (path, events) in all {
        let fates = intake.accept_all(events)?;
        let count = |of: fn(&Fate) -> bool| fates.iter().filter(|fate| of(fate)).count();
        let refused = count(|fate| matches!(fate, Fate::Refused(_)));
        outln!(
            "{}: {} events taken, {} known already, {refused} refused",
            path.display(),
            count(|fate| matches!(fate, Fate::Taken)),
            count(|fate| matches!(fate, Fate::Repeated)),
        );
        if refused > 0 {
            exit = Exit::CouldNot;
        }
    }
    let applied = intake.apply(Unfinished::Stated)?;
    tell_commit(applied.receipt.as_ref(), &applied);
    Ok(exit)
}

fn tell_commit(receipt: Option<&Receipt>, applied: &Applied) {
    match receipt {
        Some(receipt) => outln!(
            "commit {}: {} facts new, {} corrected, {} retracted, head {}",
            receipt.sequence,
            applied.new.len(),
            applied.corrected.len(),
            applied.retracted.len(),
            receipt.head
        ),
        None => outln!("nothing new"),
    }
}

impl Foreign {
    /// The events of a file, and what was refused. Malformed events refuse the file unless they are to be skipped.
    fn read(
        &self,
        text: &str,
        name: &str,
        catalogs: &[Value],
        mapping: &Mapping,
    ) -> Result<Vec<Read>, Failure> {
        let now = print_utc(source::now());
        let foreign = self.format.is_none_or(|kind| kind != Kind::Openlineage);
        let translated = foreign.then(|| file::translated(text, catalogs, &now)).flatten();
        let raw = match translated {
            None => file::split(text, &name.into()),
            Some(Ok((events, left))) => {
                if !left.is_empty() {
                    let kinds: Vec<String> = left
                        .iter()
                        .map(|(kind, count)| format!("{count} {kind}"))
                        .collect();
                    source::note(&format!(
                        "{name}: left out, since it says nothing about where data went: {}",
                        kinds.join(", ")
                    ));
                }
                events
                    .into_iter()
                    .map(|event| file::Raw::of(event, name))
                    .collect()
            }
            Some(Err(refusal)) => vec![file::Raw::refused(refusal, name)],
        };
        if !self.skip_refused {
            let mut outcome = file::Outcome::default();
            for one in &raw {
                if let Err(refusal) = one.event(mapping.offset.as_deref()) {
                    outcome.refused.push((one.place.clone(), refusal));
                }
            }
            if !outcome.refused.is_empty() {
                return Err(source::refusal(&outcome.problems(), name, text));
            }
        }
        let lines: Vec<&str> = text.lines().collect();
        let line = |place: &Place| {
            let at = usize::try_from(place.line).unwrap_or(1).saturating_sub(1);
            lines.get(at).map_or_else(String::new, |line| (*line).to_owned())
        };
        Ok(raw
            .into_iter()
            .map(|one| match one.event(mapping.offset.as_deref()) {
                Ok(_) => one.value.map_err(|refusal| (refusal, line(&one.place))),
                Err(refusal) => Err((refusal, line(&one.place))),
            })
            .collect())
    }
}

/// So many kinds of facets are named, the most frequent first.
const NAMED_MAX: usize = 5;

/// What needs somebody's attention.
fn tell(counts: &intake::Counts) {
    if counts.open_runs > 0 {
        outln!(
            "{} of {} runs have not ended; unless they stream, what they read and wrote is possible only",
            counts.open_runs,
            counts.runs
        );
    }
    if counts.unmapped > 0 {
        outln!(
            "{} of {} datasets and jobs belong to nobody in the mapping; `wherefore map suggest` proposes rules",
            counts.unmapped,
            counts.datasets
        );
    }
    if !counts.unread_facets.is_empty() {
        let all: u64 = counts.unread_facets.values().sum();
        let mut kinds: Vec<(&String, &u64)> = counts.unread_facets.iter().collect();
        kinds.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
        let named: Vec<String> = kinds
            .iter()
            .take(NAMED_MAX)
            .map(|(name, count)| format!("{name} ({count})"))
            .collect();
        let more = if kinds.len() > NAMED_MAX { ", …" } else { "" };
        outln!(
            "{all} facets of {} kinds are kept and not read: {}{more}",
            kinds.len(),
            named.join(", ")
        );
    }
}

/// An event of a file, or why it was refused and its text.
type Read = Result<Value, (Refusal, String)>;

/// Files and their events.
type Events<'p> = Vec<(&'p Path, Vec<Read>)>;

fn preview(all: Events<'_>, store: &Path, mapping: &Mapping, is_given: bool) -> Result<Exit, Failure> {
    let mut values = Vec::new();
    let mut exit = Exit::Clean;
    for (path, events) in all {
        for event in events {
            match event {
                Ok(value) => values.push(value),
                Err((refusal, _)) => {
                    outln!("! {}: would be refused: {refusal}", path.display());
                    exit = Exit::CouldNot;
                }
            }
        }
    }
    let applied = if store.is_dir() {
        let db = Db::open(store, Mode::Read, AsOf::Now(source::now))?;
        if is_given {
            source::declared(mapping, Some(&db))?;
        }
        intake::preview(store, &db, mapping, &values)?
    } else {
        let mut gathered = Gathered::default();
        for value in &values {
            if let Ok(event) = openlineage::event::event(value, mapping.offset.as_deref()) {
                gathered.add(event, &crate::import::draft::place(&"openlineage".into(), 1));
            }
        }
        Applied {
            new: openlineage::facts(&gathered, mapping, Unfinished::Stated),
            ..Applied::default()
        }
    };
    draw(&applied);
    Ok(exit)
}

/// Prints what would change.
fn draw(applied: &Applied) {
    for (sign, items) in [('+', &applied.new), ('~', &applied.corrected)] {
        for item in items {
            outln!("{sign} {}", drawn(item));
        }
    }
    for (section, id) in &applied.retracted {
        outln!("- {section} {id}");
    }
    outln!(
        "{} facts new, {} corrected, {} retracted; nothing was written",
        applied.new.len(),
        applied.corrected.len(),
        applied.retracted.len()
    );
}

fn drawn(item: &Item) -> String {
    format!("{} {}", item.section, item.node.to_json())
}
