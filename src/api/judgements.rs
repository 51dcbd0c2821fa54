//! The questions that authorizations and other facts decide, not acts alone.

use async_graphql::{Context, Object, Result};

use super::questions::{ask, mismatch};
use super::rows::RowsAnswer;
use super::time::DateTime;
use crate::model::question::{Found, PathsQuestion, Question};

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
    ) -> Result<RowsAnswer> {
        let question = Question::Paths(PathsQuestion {
            field: field.as_str().into(),
            to: to.as_str().into(),
            subject: subject.as_str().into(),
            from: from.as_deref().map(Into::into),
        });
        rows(ctx, &question, as_of.as_ref())
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
    ) -> Result<RowsAnswer> {
        let question = Question::Unlawful {
            field: field.as_str().into(),
            subject: subject.as_str().into(),
            from: from.as_deref().map(Into::into),
            to: to.as_deref().map(Into::into),
        };
        rows(ctx, &question, as_of.as_ref())
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
    ) -> Result<RowsAnswer> {
        let question = Question::Unexplained {
            subject: subject.as_deref().map(Into::into),
        };
        rows(ctx, &question, as_of.as_ref())
    }
}

fn rows(ctx: &Context<'_>, question: &Question, as_of: Option<&DateTime>) -> Result<RowsAnswer> {
    let (ground, found, snapshot) = ask(ctx, question, as_of)?;
    let Found::Rows(rows) = found else {
        return Err(mismatch(question));
    };
    Ok(RowsAnswer::new(ground, &rows, snapshot))
}
