//! Parts of the page that are fetched when they are first wanted (docs/decisions/0010).
//!
//! In a release build `cargo xtask split` puts all that only they need into a module of its own. Any
//! other build is one module, and has them at once.

use futures::FutureExt;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{element::Element, language::words};

/// A part could not be fetched: the server is away, or has another build by now.
#[derive(Debug)]
pub(crate) struct NotFetched;

#[cfg(not(debug_assertions))]
impl From<wasm_split_helpers::SplitLoaderError> for NotFetched {
    fn from(_: wasm_split_helpers::SplitLoaderError) -> Self {
        Self
    }
}

/// Declares `$name` to be the function `$function`, `async`, with its code in the module `$module`:
///
/// ```ignore
/// later!(later, fn aside(shell: Shell) -> AnyView = message_closely);
/// ```
macro_rules! later {
    ($module:ident, $visible:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) -> $returns:ty = $function:path) => {
        #[cfg(debug_assertions)]
        $visible async fn $name(
            $($argument: $type),*
        ) -> Result<$returns, $crate::later::NotFetched> {
            Ok($function($($argument),*))
        }

        #[cfg(not(debug_assertions))]
        #[wasm_split_helpers::wasm_split($module, fallible)]
        $visible fn $name(
            $($argument: $type),*
        ) -> Result<$returns, $crate::later::NotFetched> {
            Ok($function($($argument),*))
        }
    };
}
pub(crate) use later;

later!(later, fn fetch() -> () = nothing);

/// The view that `make` makes with code that comes later. Until then there is nothing; if it does not
/// come, a sentence and a button to try again.
pub(crate) fn view<F>(make: impl Fn() -> F + Send + 'static) -> AnyView
where
    F: Future<Output = Result<AnyView, NotFetched>>,
{
    let has_failed = RwSignal::new(false);
    let view: Box<dyn FnMut() -> AnyView + Send> = Box::new(move || {
        if has_failed.get() {
            return sorry(has_failed);
        }
        untrack(&make).now_or_never().and_then(Result::ok).unwrap_or_else(|| {
            spawn_local(async move {
                let failed = fetch().await.is_err();
                has_failed.try_set(failed);
            });
            ().into_any()
        })
    });
    view.into_any()
}

fn nothing() {}

fn sorry(has_failed: RwSignal<bool>) -> AnyView {
    let words = &words().page;
    let again = Element::button("plain", move || has_failed.set(false)).text(words.fetch_again);
    Element::new("p", "wrong")
        .attribute("role", "alert")
        .text(words.not_fetched)
        .children([again])
        .view()
}
