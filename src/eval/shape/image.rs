//! Images from columns, from pools, and grids over them.
