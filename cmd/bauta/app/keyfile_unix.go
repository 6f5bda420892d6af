//go:build unix

package app

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// keep gives a new file the owner and the mode of the present one.
func keep(file *os.File, about fs.FileInfo) error {
	const others = 0o007
	if err := file.Chmod(about.Mode().Perm() &^ others); err != nil {
		return err
	}
	owner, ok := about.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	// Nodes run by another user could not read it.
	return file.Chown(int(owner.Uid), int(owner.Gid))
}

// syncFolder has a renaming survive a crash of the machine.
func syncFolder(path string) error {
	folder, err := os.Open(path) //nolint:gosec // the folder of the operator's file
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
