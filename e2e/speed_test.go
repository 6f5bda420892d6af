package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

// The measurement measures: a round of it, as small as can be, has every figure of the
// table. What they are is no test's affair.
func TestTheSpeedIsMeasured(t *testing.T) {
	t.Parallel()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "go", "run", "./speed", "-bauta", path, "-rounds", "1", "-events", "1000", "-customers", "50", "-steady", "200ms").CombinedOutput()
	if err != nil {
		t.Fatalf("speed: %v\n%s", err, out)
	}
	for _, figure := range []string{
		"floor: receive, CPU", "floor: deliver, CPU", "Bauta: receive, mask, store, CPU", "Bauta: all, CPU of Redis", "Bauta: all at saturation",
		"Bauta: acknowledgement p99 at 500/s", "Bauta: end to end p50 at 200/s", "ratio: all with Redis, Bauta to floor",
	} {
		_, rest, found := strings.Cut(string(out), "| "+figure+" ")
		if !found {
			t.Errorf("the table has no %q:\n%s", figure, out)
			continue
		}
		if value := strings.TrimSpace(strings.Split(rest, "|")[1]); value == "" || value == "0" || strings.HasPrefix(value, "-") {
			t.Errorf("%s is %q", figure, value)
		}
	}
	if _, err := exec.CommandContext(t.Context(), "go", "run", "./speed").CombinedOutput(); err == nil {
		t.Error("it measures without being told what")
	}
}
