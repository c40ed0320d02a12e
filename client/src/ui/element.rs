//! Elements of one type for all of them, whatever their tags, attributes and children.
//!
//! `view!` makes a type, and with it code, of each element with its attributes and of each closure.
//! A part of many small elements is half as long on the wire when it is made this way.

use std::sync::Arc;

use leptos::{
    ev,
    html::{Custom, custom},
    prelude::*,
    tachys::html::{
        attribute::{
            any_attribute::{AnyAttribute, IntoAnyAttribute},
            custom::custom_attribute,
        },
        event::on,
        node_ref::node_ref,
        property::prop,
    },
};
use wasm_bindgen::{JsCast, JsValue};

/// Where an element will be.
pub(crate) type Place = NodeRef<Custom<&'static str>>;

/// An element that is being described.
pub(crate) struct Element {
    tag: &'static str,
    attributes: Vec<AnyAttribute>,
    children: Vec<AnyView>,
}

impl Element {
    #[inline(never)]
    pub(crate) fn new(tag: &'static str, class: &str) -> Self {
        let element = Self { tag, attributes: Vec::new(), children: Vec::new() };
        if class.is_empty() { element } else { element.attribute("class", class) }
    }

    /// A button that does no more than `act`.
    pub(crate) fn button(class: &str, act: impl Fn() + 'static) -> Self {
        Self::new("button", class)
            .attribute("type", "button")
            .listen("click", Box::new(move |_| act()))
    }

    #[inline(never)]
    pub(crate) fn attribute(mut self, name: &'static str, value: &str) -> Self {
        self.attributes.push(custom_attribute(name, value.to_owned()).into_any_attr());
        self
    }

    /// An attribute that changes with signals. It is there while it has a value.
    pub(crate) fn live(
        self,
        name: &'static str,
        value: impl Fn() -> Option<String> + Send + 'static,
    ) -> Self {
        self.live_attribute(name, Box::new(value))
    }

    #[inline(never)]
    fn live_attribute(
        mut self,
        name: &'static str,
        value: Box<dyn FnMut() -> Option<String> + Send>,
    ) -> Self {
        self.attributes.push(custom_attribute(name, value).into_any_attr());
        self
    }

    /// An attribute that is `true` while `is_so`, and otherwise not there.
    pub(crate) fn live_flag(
        self,
        name: &'static str,
        is_so: impl Fn() -> bool + Send + 'static,
    ) -> Self {
        self.live(name, move || is_so().then(|| "true".to_owned()))
    }

    /// A property that changes with signals: what a person changes as well, such as the text of an
    /// input.
    pub(crate) fn property<T: Into<JsValue>>(
        self,
        name: &'static str,
        value: impl Fn() -> T + Send + 'static,
    ) -> Self {
        self.live_property(name, Box::new(move || value().into()))
    }

    #[inline(never)]
    fn live_property(
        mut self,
        name: &'static str,
        value: Box<dyn FnMut() -> JsValue + Send>,
    ) -> Self {
        self.attributes.push(prop(name, value).into_any_attr());
        self
    }

    /// Does `act` with the element's value at each event of this name.
    pub(crate) fn on_value(self, event: &'static str, act: impl Fn(String) + 'static) -> Self {
        self.listen(event, Box::new(move |event| act(event_target_value(&event))))
    }

    /// Does `act` at each event of this name, which brings an `E`.
    pub(crate) fn on<E: JsCast>(
        self,
        event: &'static str,
        mut act: impl FnMut(E) + 'static,
    ) -> Self {
        self.listen(event, Box::new(move |event| act(event.unchecked_into())))
    }

    #[inline(never)]
    fn listen(mut self, event: &'static str, act: Box<dyn FnMut(ev::Event)>) -> Self {
        self.attributes.push(on(ev::Custom::new(event), act).into_any_attr());
        self
    }

    #[inline(never)]
    pub(crate) fn at(mut self, place: Place) -> Self {
        self.attributes.push(node_ref(place).into_any_attr());
        self
    }

    #[inline(never)]
    pub(crate) fn text(self, text: &str) -> Self {
        self.child(text.to_owned().into_any())
    }

    #[inline(never)]
    pub(crate) fn child(mut self, child: AnyView) -> Self {
        self.children.push(child);
        self
    }

    pub(crate) fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children.into_iter().map(Self::view));
        self
    }

    /// A child that changes with signals.
    pub(crate) fn live_child(self, child: impl Fn() -> AnyView + Send + 'static) -> Self {
        let child: Box<dyn FnMut() -> AnyView + Send> = Box::new(child);
        self.child(child.into_any())
    }

    /// A text that changes with signals.
    pub(crate) fn live_text(self, text: impl Fn() -> String + Send + 'static) -> Self {
        self.live_child(move || text().into_any())
    }

    /// Children that change with signals, and are made anew at each change.
    pub(crate) fn live_children<C: IntoIterator<Item = Self>>(
        self,
        children: impl Fn() -> C + Send + 'static,
    ) -> Self {
        self.live_child(move || all(children().into_iter().map(Self::view).collect()))
    }

    /// Children that are there while `is_shown`, and are made anew each time.
    pub(crate) fn shown<C: IntoIterator<Item = Self>>(
        self,
        is_shown: impl Fn() -> bool + Send + Sync + 'static,
        children: impl Fn() -> C + Send + 'static,
    ) -> Self {
        let is_shown = Memo::new(move |_| is_shown());
        self.live_children(move || is_shown.get().then(|| untrack(&children)).into_iter().flatten())
    }

    /// As many children as `count` says. They come and go at the end; the others stay as they are.
    pub(crate) fn rows(
        self,
        count: impl Fn() -> usize + Send + Sync + 'static,
        row: impl Fn(usize) -> Self + Send + Sync + 'static,
    ) -> Self {
        let count = Memo::new(move |_| count());
        self.child(rows_from(0, count, Arc::new(row)))
    }

    #[inline(never)]
    pub(crate) fn view(self) -> AnyView {
        custom(self.tag).add_any_attr(self.attributes).child(self.children).into_any()
    }
}

/// Puts the keyboard's focus on the element at this place, if there is one.
pub(crate) fn focus(place: Place) {
    if let Some(element) = place.get_untracked() {
        let _ = element.focus();
    }
}

#[inline(never)]
fn all(views: Vec<AnyView>) -> AnyView {
    views.into_any()
}

/// The row with this index and, as its neighbour, all after it, if there are as many.
fn rows_from(
    index: usize,
    count: Memo<usize>,
    row: Arc<dyn Fn(usize) -> Element + Send + Sync>,
) -> AnyView {
    let is_there = Memo::new(move |_| index < count.get());
    let rows: Box<dyn FnMut() -> AnyView + Send> = Box::new(move || {
        if !is_there.get() {
            return all(Vec::new());
        }
        all(vec![untrack(|| row(index)).view(), rows_from(index + 1, count, row.clone())])
    });
    rows.into_any()
}
