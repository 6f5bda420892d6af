package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bauta/redis/redistest"
)

// image is a folder that holds what the image holds: the static program, and the folders
// that are mounted.
func image(t *testing.T, yaml string) string {
	t.Helper()
	root := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 10*patience)
	defer cancel()
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", filepath.Join(root, "bauta"), "../cmd/bauta")
	build.Env = append(build.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, said)
	}
	etc := filepath.Join(root, "etc/bauta")
	if err := os.MkdirAll(etc, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(etc, "bauta.yaml"), yaml)
	if _, said, code := run(t, "keys", "init", "--out", filepath.Join(etc, "keys.json")); code != 0 {
		t.Fatalf("keys init: %s", said)
	}
	for _, path := range []string{root, filepath.Join(etc, "bauta.yaml"), filepath.Join(etc, "keys.json")} {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// asTheImage runs a command as deploy/Dockerfile and the manifests have it run: in a file
// system that holds nothing else and cannot be written, by the image's user, who may do
// nothing. Who is not root cannot become that user, and stays who they are.
const asTheImage = `user=; [ "$(id -u -r)" = 0 ] && [ -z "$MAPPED" ] && user="--userspec=65532:65532 --groups="
mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd "$0" &&
exec setpriv --no-new-privs --bounding-set=-all,+setuid,+setgid,+sys_chroot --inh-caps=-all chroot $user . "$@"`

// entering is how a name space with mounts of its own is entered.
func entering() []string {
	if os.Getuid() == 0 {
		return []string{"unshare", "--mount"}
	}
	return []string{"env", "MAPPED=yes", "unshare", "--user", "--map-root-user", "--mount"}
}

// The program runs where the image would: it needs no file but its own, writes none, and
// tells by its own command whether it lives.
func TestTheProgramRunsAsTheImageDoes(t *testing.T) {
	t.Parallel()
	endpoint, server := newCRM(t), redistest.Standalone(t)
	dir := configure(t, setup{Redis: server.URL, CRM: endpoint.server.URL})
	root := image(t, content(t, filepath.Join(dir, "bauta.yaml")))
	words := append(entering(), "sh", "-c", asTheImage, root, "/bauta", "serve", "--config", "/etc/bauta/bauta.yaml")
	b := launch(t, dir, exec.Command(words[0], words[1:]...))
	b.send(t, says(ada(), "3A0701", "from the image", ctwa()))
	endpoint.wait(t, 1)
	what, lines := content(t, fmt.Sprintf("/proc/%d/status", b.cmd.Process.Pid)), []string{"NoNewPrivs:\t1"}
	if os.Getuid() == 0 {
		lines = append(lines, "CapEff:\t0000000000000000", "Uid:\t65532\t65532")
	}
	for _, line := range lines {
		if !strings.Contains(what, line) {
			t.Errorf("the node's standing lacks %q:\n%s", line, what)
		}
	}
	asks := func(page string) int {
		_, _, code := run(t, "healthcheck", "--url", b.admin+page)
		return code
	}
	if code := asks("/healthz"); code != 0 {
		t.Errorf("bauta healthcheck of a node that lives: exit %d", code)
	}
	if status, body := b.get(t, b.admin+"/readyz"); status != http.StatusOK {
		t.Errorf("/readyz: %d %s", status, body)
	}
	b.stop(t)
	if code := asks("/healthz"); code != 1 {
		t.Errorf("bauta healthcheck of a node that is gone: exit %d", code)
	}
	if found, err := os.ReadDir(root); err != nil || len(found) != 2 {
		t.Errorf("after the run the root holds %v, %v", found, err)
	}
}
