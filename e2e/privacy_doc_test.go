package e2e

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/masking/sharing"
)

// exampleLedger is what e2e/testdata/consents-example.* hold: the lines of one
// customer's story, the signed head and the public key.
type exampleLedger struct{ lines, head, key string }

// exampleKey derives keys from nothing: nobody's ledger is signed with it.
type exampleKey struct{}

func (exampleKey) PRF(label string, parts ...string) [32]byte {
	mac := hmac.New(sha256.New, []byte("the key of an example in PRIVACY.md"))
	for _, part := range append([]string{label}, parts...) {
		fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	return [32]byte(mac.Sum(nil))
}

func exampleLines() []sharing.Line {
	const handle, other = "IT.9041174520836617350284", "PT.4410927356018247560913"
	at := func(second int) time.Time {
		return time.Date(2026, 11, 20, 9, 15, 0, 482e6, time.UTC).Add(time.Duration(second) * time.Second)
	}
	question := sharing.Message{
		Body:    "Acme vorrebbe il tuo numero di telefono. Puoi dire di no: ti risponde comunque.",
		Buttons: []sharing.Label{{Action: sharing.ActShare, Title: "Condividi il numero"}, {Action: sharing.ActDecline, Title: "Non ora"}},
	}
	sum := sha256.Sum256([]byte(question.Text()))
	hash := hex.EncodeToString(sum[:])
	shown := func(l sharing.Line) sharing.Line {
		l.Question, l.WordedBy, l.Language, l.Version, l.TextHash = "mUY0Pz3bF5bq2n1X", "bauta", "it", "own", hash
		return l
	}
	return []sharing.Line{
		{ID: "text:" + hash, At: at(0), Type: sharing.LineText, By: "bauta", Language: "it", Version: "own", TextHash: hash, Text: question.Text()},
		shown(sharing.Line{ID: "bq8MrWwcGJ8VvJ7n", At: at(0), Type: sharing.LineAsked, Handle: handle, Scope: "direct", By: "bauta", Action: "first_contact"}),
		shown(sharing.Line{ID: "0HLkq0dVx2mYxT1c", At: at(64), Type: sharing.LineRefused, Handle: handle, Scope: "direct", By: "customer", Action: "bauta_button", Reason: "forwarded"}),
		shown(sharing.Line{ID: "S3y5mCw1mO9cAXeF", At: at(130), Type: sharing.LineShared, Handle: handle, Scope: "direct", By: "customer", Action: "bauta_button"}),
		{ID: "pZ1n0Qy7Q4Xr6sLd", At: at(7211), Type: sharing.LineRefused, Handle: other, Scope: "direct", By: "customer", Action: "bauta_button", Reason: "other_customer"},
		shown(sharing.Line{ID: "kV2tqO8wJ5eYb0Rh", At: at(86402), Type: sharing.LineWithdrawn, Handle: handle, Scope: "direct", By: "customer", Action: "keyword"}),
		{ID: "Xg7cD1uT9aLwN3Zi", At: at(172830), Type: sharing.LineErased, Handle: handle, Scope: "direct", By: "customer", Action: "keyword"},
	}
}

// example is made by the code that makes ledgers.
func example(t *testing.T) exampleLedger {
	t.Helper()
	place := sharing.Begin("acme")
	var lines bytes.Buffer
	chain := sharing.NewChain(place)
	for _, l := range exampleLines() {
		line := l.Encode(place.Seq, place.Business, place.Prev)
		if err := chain.Next(line); err != nil {
			t.Fatal(err)
		}
		place = chain.Place()
		lines.Write(append(line, '\n'))
	}
	signer := sharing.NewSigner(exampleKey{})
	head, err := signer.Sign("acme", place.Seq-1, place.Prev, time.Date(2026, 11, 22, 9, 15, 31, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return exampleLedger{lines.String(), head + "\n", signer.PublicKey()}
}

// files are the names that the document gives an export, and the example.
func (e exampleLedger) files() map[string]*string {
	return map[string]*string{"consents.jsonl": &e.lines, "consents.head": &e.head, "consents.pem": &e.key}
}

func TestTheExampleLedgerIsWhatBautaWrites(t *testing.T) {
	t.Parallel()
	for name, want := range example(t).files() {
		path := filepath.Join("testdata", strings.Replace(name, "consents", "consents-example", 1))
		got, err := os.ReadFile(path)
		if err != nil || string(got) != *want {
			t.Errorf("%s differs (%v); it should be:\n%s", path, err, *want)
		}
	}
}

// script runs the document's blocks of bash in their order, in a directory with
// these files, and returns what they print.
func (e exampleLedger) script(t *testing.T, from, to int) (string, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range e.files() {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(*text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	for _, block := range blocks(t, "PRIVACY.md", "bash")[from:to] {
		cmd := exec.CommandContext(t.Context(), "bash", "-c", block)
		cmd.Dir = dir
		printed, err := cmd.CombinedOutput()
		out.Write(printed)
		if err != nil {
			return out.String(), err
		}
	}
	return out.String(), nil
}

// The places of the document's blocks of bash: chain, head, texts, and what stands.
const (
	blockChain = iota
	blockHead
	blockTexts
	blockStands
	blocksInAll
)

func TestAStrangerVerifiesTheExampleLedger(t *testing.T) {
	t.Parallel()
	if n := len(blocks(t, "PRIVACY.md", "bash")); n != blocksInAll {
		t.Fatalf("PRIVACY.md has %d blocks of bash, want %d", n, blocksInAll)
	}
	for _, program := range []string{"bash", "jq", "sha256sum", "openssl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%v: make tools installs what the tests need", err)
		}
	}
	e := example(t)
	out, err := e.script(t, blockChain, blocksInAll)
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{
		"lines 1 to 7 are one chain", "Signature Verified Successfully", "line 7 is the one that the head vouches for",
		"all texts are those that were hashed",
		"IT.9041174520836617350284\tdirect\terased\t2026-11-22T09:15:30.482Z",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the commands do not print %q: %s", want, out)
		}
	}
	if strings.Contains(out, "PT.4410927356018247560913") {
		t.Errorf("who only was refused stands in the list: %s", out)
	}
}

func TestAnExportGoesOnWhereOldLinesWereDropped(t *testing.T) {
	t.Parallel()
	e := example(t)
	e.lines = strings.Join(strings.SplitAfter(e.lines, "\n")[2:], "")
	out, err := e.script(t, blockChain, blockTexts)
	if err != nil || !strings.Contains(out, "lines 3 to 7 are one chain") {
		t.Errorf("%v: %s", err, out)
	}
}

// An older head vouches for its own line: that is what a business keeps.
func TestAnOlderHeadIsFoundInALaterExport(t *testing.T) {
	t.Parallel()
	e := example(t)
	line := strings.Split(e.lines, "\n")[3]
	head, err := sharing.NewSigner(exampleKey{}).Sign("acme", 4, sharing.HashOf([]byte(line)), time.Unix(1763630231, 0))
	if err != nil {
		t.Fatal(err)
	}
	e.head = head + "\n"
	if out, err := e.script(t, blockHead, blockTexts); err != nil || !strings.Contains(out, "line 4 is the one") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestAStrangerFindsWhatWasChanged(t *testing.T) {
	t.Parallel()
	other := sharing.NewSigner(otherKey{})
	for name, change := range map[string]func(lines []string, e *exampleLedger) []string{
		"a word in a line": func(lines []string, _ *exampleLedger) []string {
			lines[2] = strings.Replace(lines[2], "forwarded", "forged", 1)
			return lines
		},
		"a space in a line": func(lines []string, _ *exampleLedger) []string {
			lines[3] = strings.Replace(lines[3], ",", ", ", 1)
			return lines
		},
		"a line is taken away": func(lines []string, _ *exampleLedger) []string { return append(lines[:2], lines[3:]...) },
		"two lines change places": func(lines []string, _ *exampleLedger) []string {
			lines[1], lines[2] = lines[2], lines[1]
			return lines
		},
		"the beginning is cut off": func(lines []string, e *exampleLedger) []string {
			return rechained(lines, e, strings.Repeat("1", 64), strings.NewReplacer())
		},
		"the last line": func(lines []string, _ *exampleLedger) []string { return lines[:6] },
		"a word in the last line": func(lines []string, _ *exampleLedger) []string {
			lines[6] = strings.Replace(lines[6], "keyword", "command", 1)
			return lines
		},
		"the head": func(lines []string, e *exampleLedger) []string {
			e.head = strings.Replace(e.head, ".eyJ", ".eyK", 1)
			return lines
		},
		"the key is somebody else's": func(lines []string, e *exampleLedger) []string { e.key = other.PublicKey(); return lines },
		"the signature has no length": func(lines []string, e *exampleLedger) []string {
			e.head = e.head[:strings.LastIndex(e.head, ".")+1] + "\n"
			return lines
		},
		"a text that has no such hash": func(lines []string, e *exampleLedger) []string {
			return rechained(lines, e, sharing.Begin("acme").Prev, strings.NewReplacer("Puoi dire", "Non dire"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := example(t)
			lines := strings.Split(strings.TrimSuffix(e.lines, "\n"), "\n")
			e.lines = strings.Join(change(lines, &e), "\n") + "\n"
			if out, err := e.script(t, blockChain, blockStands); err == nil {
				t.Errorf("nothing was found: %s", out)
			}
		})
	}
}

type otherKey struct{}

func (otherKey) PRF(string, ...string) [32]byte { return [32]byte{1} }

// rechained is a ledger that was written anew by whoever has the key, behind a line
// with this hash.
func rechained(lines []string, e *exampleLedger, behind string, change *strings.Replacer) []string {
	place := sharing.Place{Seq: 1, Business: "acme", Prev: behind}
	for i := range lines {
		l, _, _ := sharing.Decode([]byte(lines[i]))
		l.Text = change.Replace(l.Text)
		line := l.Encode(place.Seq, place.Business, place.Prev)
		lines[i], place.Seq, place.Prev = string(line), place.Seq+1, sharing.HashOf(line)
	}
	head, _ := sharing.NewSigner(exampleKey{}).Sign("acme", place.Seq-1, place.Prev, time.Unix(1763630231, 0))
	e.head = head + "\n"
	return lines
}

// What the table of lines in the document says there is, and what a line can have.
func TestEveryMemberOfALineIsDocumented(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../PRIVACY.md")
	if err != nil {
		t.Fatal(err)
	}
	var missing []string
	for _, name := range append(sharing.CSVHeader(),
		"asked", "undeliverable", "shared", "declined", "expired", "withdrawn", "hidden_again", "number_renewed", "refused", "erased", "imported") {
		if !strings.Contains(string(document), "`"+name+"`") {
			missing = append(missing, name)
		}
	}
	if diff := cmp.Diff([]string(nil), missing); diff != "" {
		t.Errorf("PRIVACY.md does not say what these are:\n%s", diff)
	}
}
