//! The questions that authorizations and other facts decide, not acts alone.

#![allow(clippy::too_many_arguments, reason = "each is an argument of a GraphQL field")]

use async_graphql::{Context, Object, Result};

use super::moment::RecordMoment;
use super::questions::{During, ask, ids, mismatch};
use super::rows::RowsAnswer;
use super::time::{DateTime, instant};
use crate::model::question::{Found, PathsQuestion, Question, Window};

/// What a question costs: it judges every act about its subject.
const COST: usize = 200;
/// What a question about everybody costs: it judges every act.
const COST_OF_ALL: usize = 2_000;

/// The questions.
#[derive(Default)]
pub struct Judgements;

#[Object]
impl Judgements {
    /// Did data reach a party lawfully, unlawfully, or both ways? At most one row of each kind, the shortest chain: code
    /// `lawful`, whose acts are all allowed from the first acquisition on, and `unlawful`, with the first act that is not.
    #[graphql(complexity = "COST + child_complexity")]
    async fn paths(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The data: the id of a field.")] field: String,
        #[graphql(desc = "Whom it may have reached: the id of a processor.")] to: String,
        #[graphql(desc = "Whose data: the id of a subject.")] subject: String,
        #[graphql(desc = "The data as held by this processor; if absent, by anybody.")] from: Option<String>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Paths(PathsQuestion {
            field: field.as_str().into(),
            to: to.as_str().into(),
            subject: subject.as_str().into(),
            from: from.as_deref().map(Into::into),
        });
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// Who passed data on, or made something from it, without being allowed to? One row for each act that is the first
    /// unlawful one of some chain, in order: its `processor` answers for it, its `parties` have the data by way of it, and its
    /// code is the reason that the check `authorized` or `delegation` gives.
    #[graphql(complexity = "COST + child_complexity")]
    async fn unlawful(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The data: the id of a field.")] field: String,
        #[graphql(desc = "Whose data: the id of a subject.")] subject: String,
        #[graphql(desc = "The data as held by this processor; if absent, by anybody.")] from: Option<String>,
        #[graphql(desc = "Only what came to this processor in the end.")] to: Option<String>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Unlawful {
            field: field.as_str().into(),
            subject: subject.as_str().into(),
            from: from.as_deref().map(Into::into),
            to: to.as_deref().map(Into::into),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// Which flows on record have no explanation? Codes: `not-held`, an act on data that its actor never had;
    /// `input-not-held`, the same of a derive act; `source-not-named`, a collection that does not say from whom;
    /// `never-reports`, a holder without any outgoing flow.
    #[graphql(complexity = "COST_OF_ALL + child_complexity")]
    async fn unexplained(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose data: the id of a subject; if absent, everybody's.")] subject: Option<String>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Unexplained {
            subject: subject.as_deref().map(Into::into),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// Who could identify de-identified data, and which releases are known not to have been anonymous? Codes: `joint`, a party
    /// that holds a field and its key at one time, proved by two chains; `known-since`, a release of a field that was re-identified
    /// later; `released-after`, one made although that was known.
    #[graphql(complexity = "COST_OF_ALL + child_complexity")]
    async fn reidentification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose data: the id of a subject; if absent, everybody's.")] subject: Option<String>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Reidentification {
            subject: subject.as_deref().map(Into::into),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// Which fewest acts, and which few relationships, would have had to be missing for data not to reach a party? Codes:
    /// `act` and `relationship`. The reasons say how many are proven to be needed.
    #[graphql(complexity = "COST + child_complexity")]
    async fn cut(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The data: the id of a field.")] field: String,
        #[graphql(desc = "Whom it reached: the id of a processor.")] to: String,
        #[graphql(desc = "Whose data: the id of a subject.")] subject: String,
        #[graphql(desc = "The data as held by this processor; if absent, by anybody.")] from: Option<String>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Cut(PathsQuestion {
            field: field.as_str().into(),
            to: to.as_str().into(),
            subject: subject.as_str().into(),
            from: from.as_deref().map(Into::into),
        });
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// Which activities on record rest on one authorization alone (code `fragile`)? With an authorization: what would happen
    /// if it were withdrawn. Codes then: `breaks`, an activity without another ground; `stands`, one with another;
    /// `act-uncovered`, an act on record at or after the withdrawal that nothing else covers; `held-without-ground`, data that nothing else
    /// on record lets its holder hold.
    #[graphql(complexity = "COST_OF_ALL + child_complexity")]
    async fn withdrawal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is withdrawn: the id of an authorization.")] authorization: Option<String>,
        #[graphql(desc = "Whose data: the id of a subject; if absent, everybody's.")] subject: Option<String>,
        #[graphql(desc = "When it is withdrawn; if absent, at `asOf`.")] at: Option<DateTime>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Withdrawal {
            authorization: authorization.as_deref().map(Into::into),
            subject: subject.as_deref().map(Into::into),
            at: instant(at.as_ref()),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// Who must act when a person asks a party to delete, and by when? Codes: `delete`, the party itself and those that hold
    /// the data on somebody's behalf; `notify`, those that hold it in their own name; `kept`, on another ground than consent or
    /// contract, which `because` names; `public`, where nobody can delete.
    #[graphql(complexity = "COST + child_complexity")]
    async fn erasure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who asks: the id of a subject.")] subject: String,
        #[graphql(desc = "Who is asked: the id of a processor.")] processor: String,
        #[graphql(desc = "Which data, with what was made from it: ids of fields; if absent, all.")]
        fields: Option<Vec<String>>,
        #[graphql(desc = "When it is asked; if absent, at `asOf`.")] at: Option<DateTime>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Erasure {
            subject: subject.as_str().into(),
            processor: processor.as_str().into(),
            fields: ids(fields),
            at: instant(at.as_ref()),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }

    /// A breach at a party: whose data, from where, who got it since, who must be told by when? Codes: `exposed`, one row
    /// for each person; `source`, a party that gave it; `passed-on`, one that got it, or something made from it, from the beginning
    /// of the window on; `tell-subjects`, `tell-regulator`, `tell-platform`, the deadlines of rules on record.
    #[graphql(complexity = "COST_OF_ALL + child_complexity")]
    async fn exposure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where: the id of a processor.")] processor: String,
        #[graphql(desc = "When; if absent, at `asOf`.")] during: Option<During>,
        #[graphql(desc = "Whose data: the id of a subject; if absent, everybody's.")] subject: Option<String>,
        #[graphql(desc = "Answer for this instant; if absent, for the `asOf` of `store`.")] as_of: Option<
            DateTime,
        >,
        #[graphql(desc = "By what was recorded up to this moment; if absent, by all that is on record.")]
        as_known_at: Option<RecordMoment>,
    ) -> Result<RowsAnswer> {
        let question = Question::Exposure {
            processor: processor.as_str().into(),
            during: during.map_or_else(Window::default, |during| during.window()),
            subject: subject.as_deref().map(Into::into),
        };
        rows(ctx, &question, as_of.as_ref(), as_known_at.as_ref())
    }
}

fn rows(
    ctx: &Context<'_>,
    question: &Question,
    as_of: Option<&DateTime>,
    as_known_at: Option<&RecordMoment>,
) -> Result<RowsAnswer> {
    let (ground, found, snapshot) = ask(ctx, question, as_of, as_known_at)?;
    let Found::Rows(rows) = found else {
        return Err(mismatch(question));
    };
    Ok(RowsAnswer::new(ground, &rows, &snapshot))
}
