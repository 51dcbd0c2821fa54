//! Documents that are too large for memory: cut on one thread, read and turned into rows on the others, committed as
//! one.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashSet;

use super::correction;
use super::{
    CommitError, Db, DbError, Receipt, Snapshot, conflict_problem, header, header_problem, name_taken,
};
use crate::facts::Reference;
use crate::facts::node::Mark;
use crate::import::pieces::{Facts, Piece, Pieces, Stop};
use crate::import::{cycles, declared_twice, unknown_reference};
use crate::model::fact::{Fact, Header, Stated};
use crate::model::id::SubjectId;
use crate::model::place::{Place, Problem, ProblemCode};
use crate::model::time::Instant;
use crate::model::word::Section;
use crate::store::{self, AppendError, Bulk, BulkCommit, Outcome, StoreError, Use, View, Whole};

/// Of a refused document at most this many problems are told.
const PROBLEMS_MAX: usize = 1_000;
/// Of the warnings of a document at most this many are told, the rest are counted.
const WARNINGS_MAX: usize = 50;

/// How far a bulk import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Facts that were read.
    Read(u64),
    /// Rows that were sorted, of all that there are.
    Sorted(u64, u64),
}

/// A document to be committed piece by piece.
pub struct Import<'a> {
    /// Its name in messages.
    pub name: &'a str,
    /// Its header; `None`: the store's.
    pub header: Option<&'a Header>,
    /// Who commits it.
    pub author: &'a str,
    /// The same key again does nothing and returns the first receipt.
    pub key: Option<&'a str>,
    /// When it is recorded: the present.
    pub recorded: Instant,
    /// Told a few times a second how far it is.
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

/// What an import did.
#[derive(Debug)]
pub struct Imported {
    /// The commit.
    pub receipt: Receipt,
    /// The first warnings of the document.
    pub warnings: Vec<Problem>,
    /// How many more there were.
    pub more_warnings: usize,
}

impl Db {
    /// Commits a document piece by piece: all of it, or nothing and the first problems with their places. Memory does
    /// not grow with the document. No other commit is made meanwhile.
    pub fn import(&self, mut pieces: Pieces, import: &Import<'_>) -> Result<Imported, CommitError> {
        let _committing = self
            .inner
            .committing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = self.inner.ledger.view()?;
        let header = match import.header {
            Some(header) => header::compared(header),
            None => before
                .header()
                .ok_or(CommitError::Store(DbError::Empty))?
                .to_owned(),
        };
        // The record's clock never goes back.
        let last = before.commits(before.sequence(), 1)?.pop();
        let recorded = last.map_or(import.recorded, |last| import.recorded.max(last.recorded));
        let new = BulkCommit {
            header: &header,
            recorded,
            author: import.author,
            key: import.key,
        };
        let bulk = self
            .inner
            .ledger
            .bulk(new)
            .map_err(|error| refusal(error, import.name))?;
        let work = Work {
            bulk: &bulk,
            gathered: Mutex::default(),
            before: self.snapshot(),
            facts: AtomicU64::new(0),
            stop: AtomicBool::new(false),
        };
        let outcome = work.run(&mut pieces, import.progress);
        let gathered = work.gathered.into_inner().unwrap_or_else(PoisonError::into_inner);
        outcome?;
        let receipt = finish(bulk, gathered.problems, gathered.together, &before, import)?;
        let repeated = receipt.sequence <= before.sequence();
        let told = self.tell(&receipt, recorded, gathered.acts, repeated, &before)?;
        let warnings = gathered.warnings.into_values().flatten();
        let warnings: Vec<Problem> = warnings.take(WARNINGS_MAX).collect();
        Ok(Imported {
            receipt: told,
            more_warnings: gathered.warned - warnings.len(),
            warnings,
        })
    }
}

/// Ends a bulk commit, unless its document as a whole is wrong. `together` are the facts that only mean something
/// together.
fn finish(
    bulk: Bulk<'_>,
    problems: BTreeMap<u64, Vec<Problem>>,
    mut together: Vec<Stated>,
    before: &View,
    import: &Import<'_>,
) -> Result<store::Receipt, CommitError> {
    let mut wrong: Vec<Problem> = problems.into_values().flatten().collect();
    together.sort_by(|a, b| a.place.cmp(&b.place));
    wrong.extend(cycles(&together));
    if wrong.len() > PROBLEMS_MAX {
        return Err(invalid(wrong));
    }
    let cohorts: Vec<(&SubjectId, &Place)> = together
        .iter()
        .filter_map(|stated| {
            let Fact::Cohort(cohort) = &stated.fact else {
                return None;
            };
            Some((&cohort.id, &stated.place))
        })
        .collect();
    for (id, place) in &cohorts {
        if before.knows(Section::Subjects, &[id.as_str()])? == [true] {
            wrong.push(name_taken(id, Section::Subjects, (*place).clone()));
        }
    }
    if !wrong.is_empty() {
        bulk.refuse();
    }
    let reserved: Vec<(Section, &str)> = cohorts
        .iter()
        .map(|(id, _)| (Section::Subjects, id.as_str()))
        .collect();
    let declared: FxHashSet<&str> = cohorts.iter().map(|(id, _)| id.as_str()).collect();
    let outcome = bulk.finish(&Whole {
        limit: PROBLEMS_MAX,
        declares: &|section, id| section == Section::Cohorts && declared.contains(id),
        reserved: &reserved,
        progress: &|sorted, all| (import.progress)(Progress::Sorted(sorted, all)),
    });
    let (twice, unknown, taken) = match outcome.map_err(|error| refusal(error, import.name))? {
        Outcome::Done(receipt) => return Ok(receipt),
        Outcome::Refused {
            twice,
            unknown,
            taken,
        } => (twice, unknown, taken),
    };

    let clashes = taken.into_iter().filter_map(|at| cohorts.get(at));
    wrong.extend(clashes.map(|(id, place)| name_taken(id, Section::Subjects, (*place).clone())));
    let place = |line, column| Place {
        file: import.name.into(),
        line,
        column,
    };
    wrong.extend(
        twice
            .into_iter()
            .map(|twice| declared_twice(twice.section, place(twice.line, twice.column), twice.first_line)),
    );
    wrong.extend(unknown.into_iter().map(|open| {
        let mark = Mark {
            line: open.line,
            column: open.column,
        };
        let reference = Reference {
            section: open.section,
            or: open.or,
            id: open.id,
            mark,
            meant: None,
        };
        unknown_reference(&reference, &place(mark.line, mark.column))
    }));
    Err(invalid(wrong))
}

/// The first problems in the order of the document.
fn invalid(mut problems: Vec<Problem>) -> CommitError {
    problems.sort_by(|a, b| a.place.cmp(&b.place));
    if problems.len() > PROBLEMS_MAX {
        let beyond = problems[PROBLEMS_MAX].place.clone();
        problems.truncate(PROBLEMS_MAX);
        problems.push(Problem {
            code: ProblemCode::Limit,
            place: beyond,
            message: format!("more than {PROBLEMS_MAX} problems; reading stopped here"),
            help: "mend these first".to_owned(),
        });
    }
    CommitError::Invalid(problems)
}

fn refusal(error: AppendError, name: &str) -> CommitError {
    match error {
        AppendError::Header { stored, given } => {
            CommitError::Invalid(vec![header_problem(name.into(), &stored, &given)])
        }
        AppendError::Store(error) => CommitError::Store(error.into()),
        other @ (AppendError::Conflicts(_)
        | AppendError::HeaderSyntax
        | AppendError::KeyReused { .. }
        | AppendError::TooLarge { .. }) => CommitError::Refused(other),
    }
}

struct Work<'b, 'l> {
    bulk: &'b Bulk<'l>,
    gathered: Mutex<Gathered>,
    before: Snapshot,
    facts: AtomicU64,
    stop: AtomicBool,
}

/// What pieces leave behind besides rows.
#[derive(Default)]
struct Gathered {
    /// What refuses the document, by piece, and how much it is.
    problems: BTreeMap<u64, Vec<Problem>>,
    wrong: usize,
    /// The first warnings, by piece, and how many there were.
    warnings: BTreeMap<u64, Vec<Problem>>,
    warned: usize,
    /// Facts that are looked at together: what lies above or inside what, and who has whose name.
    together: Vec<Stated>,
    acts: usize,
    error: Option<CommitError>,
}

impl Gathered {
    /// Only the first warnings are told.
    fn drop_late_warnings(&mut self) {
        let mut before = 0;
        self.warnings.retain(|_, of_piece| {
            let is_told = before < WARNINGS_MAX;
            before += of_piece.len();
            is_told
        });
    }
}

impl Work<'_, '_> {
    fn run(&self, pieces: &mut Pieces, progress: &(dyn Fn(Progress) + Sync)) -> Result<(), CommitError> {
        let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let (give, take) = sync_channel(threads);
        let take = &Mutex::new(take);
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(move || self.worker(take));
            }
            self.cut(pieces, &give, progress);
            drop(give);
        });
        let error = lock(&self.gathered).error.take();
        error.map_or(Ok(()), Err)
    }

    fn cut(&self, pieces: &mut Pieces, give: &SyncSender<Piece>, progress: &(dyn Fn(Progress) + Sync)) {
        while !self.stop.load(Ordering::Relaxed) {
            progress(Progress::Read(self.facts.load(Ordering::Relaxed)));
            match pieces.cut() {
                Ok(Some(piece)) => {
                    if give.send(piece).is_err() {
                        return;
                    }
                }
                Ok(None) => return,
                Err(Stop::Problems(problems)) => {
                    let mut gathered = lock(&self.gathered);
                    gathered.wrong += problems.len();
                    gathered.problems.insert(u64::MAX, problems);
                    self.bulk.refuse();
                    return;
                }
                Err(Stop::Unreadable(error)) => return self.end(CommitError::Unreadable(error)),
            }
        }
    }

    fn worker(&self, take: &Mutex<Receiver<Piece>>) {
        loop {
            let piece = lock(take).recv();
            let Ok(piece) = piece else { return };
            // After an error pieces are only taken away, so that the cutting thread never waits for nobody.
            if lock(&self.gathered).error.is_some() {
                continue;
            }
            // Others wait for their turn behind this piece: a panic must reach them.
            match catch_unwind(AssertUnwindSafe(|| self.piece(piece))) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => self.end(error),
                Err(_) => self.end(CommitError::from(StoreError::Engine {
                    doing: "read a document",
                    detail: "a thread of the import panicked".to_owned(),
                })),
            }
        }
    }

    fn piece(&self, piece: Piece) -> Result<(), CommitError> {
        let index = piece.index;
        let Facts {
            facts,
            uses,
            problems,
        } = piece.read();
        drop(piece);
        self.facts.fetch_add(facts.len() as u64, Ordering::Relaxed);
        let uses: Vec<Use> = uses
            .into_iter()
            .map(|reference| Use {
                line: reference.mark.line,
                column: reference.mark.column,
                section: reference.section,
                or: reference.or,
                id: reference.id,
            })
            .collect();
        let changes = facts.iter().any(|stated| stated.target().is_some());
        let numbered: Vec<Problem> = facts.iter().filter_map(correction::numbered).collect();
        if changes || !numbered.is_empty() || problems.iter().any(|problem| !problem.is_warning()) {
            self.bulk.refuse();
        }
        let conflicts = self
            .bulk
            .take(index, &facts, &uses)
            .map_err(|error| refusal(error, "the document"))?;
        let (warnings, mut wrong): (Vec<Problem>, Vec<Problem>) =
            problems.into_iter().partition(Problem::is_warning);
        wrong.extend(conflicts.into_iter().map(conflict_problem));
        wrong.extend(numbered);
        for stated in &facts {
            if stated.target().is_some() {
                // What it changes may stand in another piece, and must be told in the families of that.
                wrong.push(Problem {
                    code: ProblemCode::Limit,
                    place: stated.place.clone(),
                    message: "a correction or a retraction stands in a file that is read piece by piece"
                        .to_owned(),
                    help: "write corrections and retractions in a file of their own, smaller than 4 MiB"
                        .to_owned(),
                });
            }
            if let Fact::Subject(subject) = &stated.fact
                && self.before.has_cohort(&subject.id)
            {
                wrong.push(name_taken(&subject.id, Section::Cohorts, stated.place.clone()));
            }
        }
        self.gather(index, &facts, wrong, warnings);
        Ok(())
    }

    fn gather(&self, index: u64, facts: &[Stated], mut wrong: Vec<Problem>, mut warnings: Vec<Problem>) {
        let mut gathered = lock(&self.gathered);
        gathered.wrong += wrong.len();
        wrong.truncate(PROBLEMS_MAX + 1);
        if !wrong.is_empty() {
            gathered.problems.insert(index, wrong);
        }
        // Pieces are given out in order: what has been given out is a beginning of the document.
        if gathered.wrong > PROBLEMS_MAX {
            self.stop.store(true, Ordering::Relaxed);
        }
        gathered.warned += warnings.len();
        warnings.truncate(WARNINGS_MAX);
        if !warnings.is_empty() {
            gathered.warnings.insert(index, warnings);
        }
        gathered.drop_late_warnings();
        for stated in facts {
            let is_of_the_whole = matches!(
                stated.fact,
                Fact::Category(_) | Fact::Purpose(_) | Fact::Processor(_) | Fact::Cohort(_)
            );
            if is_of_the_whole {
                gathered.together.push(stated.clone());
            }
        }
        let is_act = |stated: &&Stated| matches!(stated.fact, Fact::Act(_));
        gathered.acts += facts.iter().filter(is_act).count();
    }

    fn end(&self, error: CommitError) {
        self.stop.store(true, Ordering::Relaxed);
        self.bulk.fail();
        lock(&self.gathered).error.get_or_insert(error);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
