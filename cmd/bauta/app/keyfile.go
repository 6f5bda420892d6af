package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"bauta/masking/keys"
)

// changeKeys changes a key file as one step: whoever reads it has the old one or the
// new one, also after a crash, and two commands that change it do not undo each other.
// Owner and mode stay, but others lose every right.
func changeKeys(path string, change func(*keys.Set) (*keys.Set, error)) (_ *keys.Set, err error) {
	path, err = filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("find the key file: %w", err)
	}
	about, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("look at the key file: %w", err)
	}
	// The new file is the lock: it is made before the present one is read.
	next := path + ".new"
	file, err := os.OpenFile(next, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // beside the operator's file
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%s is there: another command changes the keys; if none runs, one was broken off, and the file can be deleted", next)
	}
	if err != nil {
		return nil, fmt.Errorf("make a new key file beside the present one: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(next))
		}
	}()
	before, problem := readKeys(path)
	if problem.text != "" {
		return nil, errors.Join(usageError{errors.New(problem.text)}, file.Close())
	}
	set, err := change(before)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if set == before {
		return set, errors.Join(file.Close(), os.Remove(next))
	}
	if err := errors.Join(set.Write(file), keep(file, about), file.Sync(), file.Close()); err != nil {
		return nil, fmt.Errorf("write %s: %w", next, err)
	}
	if err := os.Rename(next, path); err != nil {
		return nil, fmt.Errorf("put the new key file in its place: %w", err)
	}
	return set, syncFolder(filepath.Dir(path))
}

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
