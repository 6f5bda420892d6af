//go:build !unix

package app

import (
	"io/fs"
	"os"
)

// keep does nothing where files have no owner and mode of Unix: a new file has the
// rights of its folder.
func keep(*os.File, fs.FileInfo) error { return nil }

// syncFolder does nothing where folders cannot be synced: a renaming is written through
// with the file system's own journal.
func syncFolder(string) error { return nil }
