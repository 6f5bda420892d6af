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
	next := path + ".new"
	file, err := claim(next)
	if err != nil {
		return nil, err
	}
	// Closing ends the lock: nobody else may write into this file before it has its name.
	defer func() { err = errors.Join(err, file.Close()) }()
	set, written, err := writeChanged(path, file, about, change)
	if err != nil || !written {
		return set, errors.Join(err, os.Remove(next))
	}
	if err := os.Rename(next, path); err != nil {
		return nil, fmt.Errorf("put the new key file in its place: %w", err)
	}
	return set, syncFolder(filepath.Dir(path))
}

// writeChanged writes the changed set of a key file into another; false if nothing
// changed.
func writeChanged(path string, file *os.File, about fs.FileInfo, change func(*keys.Set) (*keys.Set, error)) (*keys.Set, bool, error) {
	before, problem := readKeys(path)
	if problem.text != "" {
		return nil, false, usageError{errors.New(problem.text)}
	}
	set, err := change(before)
	if err != nil || set == before {
		return set, false, err
	}
	if err := errors.Join(set.Write(file), keep(file, about), file.Sync()); err != nil {
		return nil, false, fmt.Errorf("write %s: %w", file.Name(), err)
	}
	return set, true, nil
}

// claim opens the file that is to become the key file, empty, for this command alone:
// it is locked before the present one is read. What a command left that was broken off
// is no hindrance.
func claim(path string) (*os.File, error) {
	for {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // beside the operator's file
		if err != nil {
			return nil, fmt.Errorf("make a new key file beside the present one: %w", err)
		}
		if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			return nil, errors.Join(errors.New("another command is changing the keys: repeat this one when it is done"), file.Close())
		}
		mine, errMine := file.Stat()
		there, errThere := os.Stat(path)
		if errors.Join(errMine, errThere) == nil && os.SameFile(mine, there) {
			return file, file.Truncate(0)
		}
		// It was another command's, and has just become the key file.
		if err := file.Close(); err != nil {
			return nil, err
		}
	}
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
