package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// release is what is built, from where to where.
type release struct {
	root, out string
	platforms []string

	// version is what git calls the commit, at its time, which every file has.
	version string
	at      time.Time
}

// file is one file of an archive.
type file struct {
	name    string
	content []byte
	program bool
}

func (r *release) make(ctx context.Context) error {
	stamp, err := r.run(ctx, nil, "git", "log", "-1", "--format=%ct")
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(string(stamp)), 10, 64)
	if err != nil {
		return fmt.Errorf("the time of the commit: %w", err)
	}
	r.at = time.Unix(seconds, 0).UTC()
	version, err := r.run(ctx, nil, "git", "describe", "--tags", "--always", "--abbrev=12", "--dirty")
	if err != nil {
		return err
	}
	r.version = strings.TrimPrefix(strings.TrimSpace(string(version)), "v")
	if err := os.Mkdir(r.out, 0o755); err != nil { //nolint:gosec // what is given out may be read
		return err
	}
	common, err := r.documents(ctx)
	if err != nil {
		return err
	}
	for _, platform := range r.platforms {
		if err := r.platform(ctx, platform, common); err != nil {
			return fmt.Errorf("%s: %w", platform, err)
		}
	}
	return r.sums()
}

// platform builds the archive and the bill of materials of one platform.
func (r *release) platform(ctx context.Context, platform string, common []file) error {
	system, processor, ok := strings.Cut(platform, "/")
	if !ok {
		return fmt.Errorf("want system/processor, such as linux/amd64")
	}
	work, err := os.MkdirTemp("", "bauta-release")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	name := "bauta"
	if system == "windows" {
		name += ".exe"
	}
	path := filepath.Join(work, name)
	env := []string{"CGO_ENABLED=0", "GOOS=" + system, "GOARCH=" + processor, "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS="}
	if _, err := r.run(ctx, env, "go", "build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w", "-o", path, "./cmd/bauta"); err != nil {
		return err
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return err
	}
	program, err := os.ReadFile(path) //nolint:gosec // it was just built
	if err != nil {
		return err
	}
	full := strings.Join([]string{"bauta", r.version, system, processor}, "_")
	bill, err := r.materials(info, platform)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(r.out, full+".cdx.json"), bill, 0o644); err != nil { //nolint:gosec // may be read
		return err
	}
	return r.archive(full, system == "windows", append([]file{{name, program, true}}, common...))
}

// sums writes SHA256SUMS, for sha256sum -c.
func (r *release) sums() error {
	entries, err := os.ReadDir(r.out)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	for _, e := range entries { // in the order of their names
		content, err := os.ReadFile(filepath.Join(r.out, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "%x  %s\n", sha256.Sum256(content), e.Name())
	}
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), out.Bytes(), 0o644) //nolint:gosec // may be read
}

// run runs a command in the repository and returns what it prints.
func (r *release) run(ctx context.Context, env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = r.root, slices.Concat(os.Environ(), env)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s", name, args[0], err, said.String())
	}
	return out, nil
}
