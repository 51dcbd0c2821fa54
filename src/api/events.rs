//! Subscriptions: what is told as it happens.

use std::collections::VecDeque;
use std::sync::Arc;

use async_graphql::{Context, Result, SimpleObject, Subscription as GraphQlSubscription};
use futures_util::stream::{Stream, unfold};
use rustc_hash::FxHashSet;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::spawn_blocking;

use super::error;
use super::finding::{Finding, FindingFilter};
use super::time::DateTime;
use crate::db::{self, Db, DbError, Snapshot};
use crate::model::finding;
use crate::model::findings::Findings;

/// A commit.
#[derive(SimpleObject)]
pub struct Committed {
    /// Its number.
    sequence: u64,
    /// When it was recorded.
    recorded_at: DateTime,
    /// How many facts are in it, acts among them.
    facts: u64,
    /// How many acts are in it.
    acts: u64,
}

/// The root of subscriptions.
pub struct Subscription;

/// What can be listened to, at `/ws`.
#[GraphQlSubscription]
impl Subscription {
    /// Each commit from now on. A listener that is slow may miss some: the sequence numbers show it.
    async fn committed(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = Committed> + use<>> {
        let db = ctx.data::<Db>()?.clone();
        let commits = db.subscribe();
        Ok(unfold((db, commits), |(db, mut commits)| async move {
            let commit = next(&mut commits).await?;
            let told = Committed {
                sequence: commit.sequence,
                recorded_at: DateTime::new(commit.recorded, db.snapshot().zone()),
                facts: commit.facts,
                acts: commit.acts,
            };
            Some((told, (db, commits)))
        }))
    }

    /// Each finding that a commit brings and that has a fingerprint that no finding had before. Of findings that
    /// share their fingerprints, the first is told.
    async fn finding_added(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only findings that fit this.")] filter: Option<FindingFilter>,
    ) -> Result<impl Stream<Item = Result<Finding>> + use<>> {
        let db = ctx.data::<Db>()?.clone();
        // First listen, then look: a commit in between is told twice to us, and nothing is lost.
        let commits = db.subscribe();
        let (_, last) = judged(&db).await?;
        let watch = Watch {
            db,
            commits,
            filter: filter.unwrap_or_default(),
            last,
            waiting: VecDeque::new(),
        };
        Ok(unfold(watch, |mut watch| async move {
            let told = watch.next().await?;
            Some((told, watch))
        }))
    }
}

/// The newest snapshot and its findings. Judging is computation: it does not belong on the async threads that subscriptions
/// run on.
async fn judged(db: &Db) -> Result<(Snapshot, Arc<Findings>)> {
    let snapshot = db.snapshot();
    let judged = spawn_blocking(move || {
        let findings = snapshot.findings(None)?;
        Ok::<_, DbError>((snapshot, findings))
    });
    judged
        .await
        .map_err(|failure| error::internal(&failure))?
        .map_err(|problem| error::db(&problem))
}

/// The next commit; `None` when there will be none. What a slow listener missed is skipped.
async fn next(commits: &mut Receiver<db::Committed>) -> Option<db::Committed> {
    loop {
        match commits.recv().await {
            Ok(commit) => return Some(commit),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return None,
        }
    }
}

/// A listener for findings.
struct Watch {
    db: Db,
    commits: Receiver<db::Committed>,
    filter: FindingFilter,
    /// The findings at the last look.
    last: Arc<Findings>,
    /// New findings that have not been told.
    waiting: VecDeque<Finding>,
}

impl Watch {
    async fn next(&mut self) -> Option<Result<Finding>> {
        loop {
            if let Some(finding) = self.waiting.pop_front() {
                return Some(Ok(finding));
            }
            next(&mut self.commits).await?;
            // Several commits may have come: one look sees them all.
            while self.commits.try_recv().is_ok() {}
            if let Err(problem) = self.look().await {
                return Some(Err(problem));
            }
        }
    }

    /// Compares the findings of the newest snapshot with those of the last look: chunks that both share are passed by.
    async fn look(&mut self) -> Result<()> {
        let (snapshot, findings) = judged(&self.db).await?;
        let before = std::mem::replace(&mut self.last, findings);
        let added: Vec<&finding::Finding> = self.last.without(&before).map(Arc::as_ref).collect();
        let theirs: FxHashSet<&str> = added.iter().copied().flat_map(prints).collect();
        let mut known: FxHashSet<&str> = before
            .of_prints(&theirs)
            .map(Arc::as_ref)
            .flat_map(prints)
            .collect();
        for finding in added {
            let mut is_new = false;
            for fingerprint in prints(finding) {
                is_new |= known.insert(fingerprint);
            }
            if is_new && self.filter.fits(finding) {
                self.waiting.push_back(Finding::new(finding, snapshot.zone()));
            }
        }
        Ok(())
    }
}

fn prints(finding: &finding::Finding) -> impl Iterator<Item = &str> {
    finding.fingerprints.iter().map(String::as_str)
}
