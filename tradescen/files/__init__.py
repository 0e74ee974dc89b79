"""Values as text: the exact form in which packs are kept and digests are taken."""
