//! Parts of the page that need not be there when it is first shown (docs/decisions/0010).
//!
//! They are of one module with the rest, until a tool takes that apart at these functions and leaves
//! the data right. Views and deeds go by here so that they can then be fetched when they are wanted.

use futures::FutureExt;
use leptos::{prelude::*, reactive::computed::ScopedFuture};
use wasm_bindgen_futures::spawn_local;

use crate::{Shell, element::Element, language::words, shell::Notice};

/// A part could not be fetched: the server is away, or has another build by now.
#[derive(Debug)]
pub(crate) struct NotFetched;

/// Declares `$name` to be the function `$function`, `async`, with its code in the module `$module`:
///
/// ```ignore
/// later!(later, fn aside(shell: Shell) -> AnyView = message_closely);
/// ```
macro_rules! later {
    ($module:ident, $visible:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) -> $returns:ty = $function:expr) => {
        $visible async fn $name(
            $($argument: $type),*
        ) -> Result<$returns, $crate::later::NotFetched> {
            Ok(($function)($($argument),*))
        }
    };
}
pub(crate) use later;

/// The view that `make` makes with code that comes later. Until then there is nothing; if it does not
/// come, a sentence and a button to try again.
pub(crate) fn view<F>(make: impl Fn() -> F + Send + 'static) -> AnyView
where
    F: Future<Output = Made> + 'static,
{
    let outcome = RwSignal::new_local(None);
    // What it makes lives as long as what is around it.
    let owner = Owner::current().unwrap_or_default().child();
    let view: Box<dyn FnMut() -> AnyView + Send> = Box::new(move || {
        outcome.track();
        match outcome.try_update_untracked(Option::take).flatten() {
            Some(Ok(view)) => return view,
            Some(Err(NotFetched)) => return sorry(outcome),
            None => {}
        }
        if let Some(Ok(view)) = untrack(&make).now_or_never() {
            return view;
        }
        let making = owner.with(|| ScopedFuture::new_untracked(untrack(&make)));
        spawn_local(async move {
            let view = making.await;
            outcome.try_set(Some(view));
        });
        ().into_any()
    });
    view.into_any()
}

type Made = Result<AnyView, NotFetched>;

/// Does `act` with what comes of `part`, whose code comes later: at once if it is there. If it does not
/// come, `shell`'s tab says so.
pub(crate) fn then<T>(
    shell: Shell,
    part: impl Future<Output = Result<T, NotFetched>> + 'static,
    act: impl FnOnce(T) + 'static,
) {
    let end = move |part| match part {
        Ok(it) => act(it),
        Err(NotFetched) => shell.notify(Notice::Missing),
    };
    let mut part = Box::pin(part);
    match part.as_mut().now_or_never() {
        Some(part) => end(part),
        None => spawn_local(async move { end(part.await) }),
    }
}

fn sorry(outcome: RwSignal<Option<Made>, LocalStorage>) -> AnyView {
    let words = &words().page;
    let again = Element::button("plain", move || outcome.set(None)).text(words.fetch_again);
    Element::new("p", "wrong")
        .attribute("role", "alert")
        .text(words.not_fetched)
        .children([again])
        .view()
}
