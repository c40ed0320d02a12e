//! `wsbench bench`.

mod figures;
mod load;
