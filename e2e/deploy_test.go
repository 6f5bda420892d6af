package e2e

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// copied copies a folder of deploy, without secrets that somebody made there.
func copied(t *testing.T, of string) string {
	t.Helper()
	dir := t.TempDir()
	entries, err := os.ReadDir(filepath.Join("../deploy", of))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Type().IsRegular() {
			if err := os.WriteFile(filepath.Join(dir, e.Name()), []byte(content(t, filepath.Join("../deploy", of, e.Name()))), 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// makeSecrets runs the script that makes the secrets of compose, and returns their folder.
func makeSecrets(t *testing.T) string {
	t.Helper()
	dir := copied(t, "compose")
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "make-secrets.sh"))
	cmd.Env = append(cmd.Environ(), "BAUTA="+path)
	cmd.Stdin = strings.NewReader(appSecret + "\nthe-business-s-own-token\n")
	if said, err := cmd.CombinedOutput(); err != nil || bytes.Contains(said, []byte(appSecret)) {
		t.Fatalf("make-secrets.sh: %v\n%s", err, said)
	}
	return filepath.Join(dir, "secrets")
}

// The configurations that are given out are in order, with the secrets that the script
// makes, and its redis.conf starts a server that Bauta takes.
func TestWhatIsGivenOutFitsTogether(t *testing.T) {
	t.Parallel()
	secrets := makeSecrets(t)
	for of, at := range map[string]string{"compose": "/run/secrets", "kubernetes": "/run/secrets/bauta"} {
		path := filepath.Join(t.TempDir(), "bauta.yaml")
		write(t, path, strings.ReplaceAll(content(t, filepath.Join("../deploy", of, "bauta.yaml")), at+"/", secrets+"/"))
		if _, said, code := run(t, "config", "check", "--config", path); code != 0 {
			t.Errorf("deploy/%s/bauta.yaml: exit %d: %s", of, code, said)
		}
	}
	text := content(t, filepath.Join(secrets, "redis.conf"))
	for _, line := range []string{"appendonly yes", "appendfsync always", "maxmemory-policy noeviction", "requirepass "} {
		if !strings.Contains(text, line) {
			t.Errorf("redis.conf lacks %s", line)
		}
	}
	_, password, _ := strings.Cut(text, "requirepass ")
	password, _, _ = strings.Cut(password, "\n")
	if !strings.Contains(content(t, filepath.Join(secrets, "redis-url")), ":"+password+"@redis:6379") {
		t.Error("redis-url has another password than redis.conf")
	}
}
