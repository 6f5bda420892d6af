package e2e

import (
	"bytes"
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/redis/redistest"
	"bauta/webhook/simulator"
)

// proof says what runs a documented command: this test (with what it prints), a
// stage of .ci/run, or another test of this package. Exactly one is set.
type proof struct{ prints, stage, test string }

// withCommands are the documents that tell people what to type.
func withCommands(t *testing.T) []string {
	t.Helper()
	all := []string{"README.md", "PRIVACY.md", "MEASUREMENTS.md", "CONTRIBUTING.md", "deploy/README.md"}
	for _, folder := range []string{"reference", "guides"} {
		found, err := filepath.Glob("../deploy/" + folder + "/*.md")
		if err != nil || len(found) == 0 {
			t.Fatalf("there is nothing in deploy/%s (%v)", folder, err)
		}
		for _, document := range found {
			all = append(all, strings.TrimPrefix(filepath.ToSlash(document), "../"))
		}
	}
	return all
}

// inPieces are the documents of which no test follows the whole: the README comes first,
// and what it makes is there for the others.
func inPieces(t *testing.T) []string {
	t.Helper()
	tests := sources(t)
	return slices.DeleteFunc(withCommands(t), func(document string) bool {
		return strings.Contains(tests, `prepare(t, "`+document+`")`)
	})
}

// A command stands in a block of sh or bash, where it is looked for.
func TestCommandsStandInBlocksOfShell(t *testing.T) {
	t.Parallel()
	command := regexp.MustCompile(`(?m)^(\$ |(\./)?bauta |curl |docker |kubectl |make |go |node |npm |redis-cli )`)
	for _, document := range withCommands(t) {
		for _, p := range pieces(t, document) {
			switch p.language {
			case prose, "sh", "bash":
			case "text": // is compared with what a command prints, or nothing that it says is proven
				if slices.Contains(inPieces(t), document) {
					t.Errorf("%s:%d: nothing compares this with what is printed", document, p.line)
				}
			case "yaml", "json", "js", "go", "":
				if found := command.FindString(p.text); found != "" {
					t.Errorf("%s:%d: a block of %q has a command that no test sees: %s", document, p.line, p.language, found)
				}
			default:
				t.Errorf("%s:%d: no test knows what a block of %q is", document, p.line, p.language)
			}
		}
	}
}

// documented is every command in the code blocks of the documents that no test follows
// from beginning to end.
func documented() map[string]proof {
	return map[string]proof{
		"go run ./cmd/bauta demo":                                                               {test: "TestThePlaygroundsStory"},
		"go run ./cmd/bauta mask < e2e/testdata/payloads.json":                                  {prints: `"user_id":"`},
		"go run ./cmd/bauta explain < e2e/testdata/payloads.json":                               {prints: "document 1, event 1: messages message text"},
		"go build -o bauta ./cmd/bauta":                                                         {prints: ""},
		"./bauta keys init --out keys.json":                                                     {prints: "made keys.json"},
		"./bauta config check --config bauta.yaml":                                              {prints: "bauta.yaml is in order: 1 business, 1 app"},
		"./bauta endpoints list --config bauta.yaml":                                            {prints: "delivering"},
		"./bauta held list --config bauta.yaml":                                                 {prints: "REASON"},
		"./bauta deadletters list --config bauta.yaml --business acme":                          {prints: "ATTEMPTS"},
		"./bauta deadletters replay --config bauta.yaml --business acme --endpoint crm":         {prints: "replayed 0 dead letters"},
		"./bauta deadletters jobs --config bauta.yaml":                                          {prints: "TOTAL"},
		"./bauta keys init --out e2e/testdata/keys.json":                                        {test: "TestTheReadmeIsFollowed"},
		"BAUTA_APP_SECRET=local ./bauta simulate --listen 127.0.0.1:9999 --rate 1 --write-back": {test: "TestTheReadmeIsFollowed"},
		"./bauta serve --config e2e/testdata/local.yaml":                                        {test: "TestTheReadmeIsFollowed"},
		"./bauta token issue --config e2e/testdata/local.yaml --scope console":                  {test: "TestTheReadmeIsFollowed"},
		"./bauta token issue --config e2e/testdata/local.yaml --business acme":                  {test: "TestTheReadmeIsFollowed"},
		"./bauta serve --config bauta.yaml":                                                     {test: "TestAnAdCustomerIsHidden"},
		`./bauta token issue --config bauta.yaml --business acme --label "the CRM"`:             {prints: "."},
		"./bauta token issue --config bauta.yaml --scope console --expires 12h":                 {prints: "/console/login#"},
		`./bauta token revoke --config bauta.yaml --business _ --id "$(./bauta token list --config bauta.yaml --business _ | awk 'END {print $2}')"`: {prints: "revoked token"},
		"./bauta token list --config bauta.yaml": {prints: "the CRM"},
		curlCommand:                              {test: "TestTheReadmesCurlSends"},
		`./bauta token issue --config bauta.yaml --business acme --label "the CRM's backend" --scope manage`: {prints: "."},
		curlView:     {test: "TestTheReadmesManagementCallsWork"},
		curlRequest:  {test: "TestTheReadmesManagementCallsWork"},
		curlWithdraw: {test: "TestTheReadmesManagementCallsWork"},
		curlErase:    {test: "TestTheReadmesManagementCallsWork"},
		`./bauta token issue --config bauta.yaml --label "scripts of operators" --scope console`: {prints: "."},
		curlCount:  {test: "TestAScriptOperates"},
		curlReplay: {test: "TestAScriptOperates"},
		curlJobs:   {test: "TestAScriptOperates"},
		curlPause:  {test: "TestAScriptOperates"},
		curlResume: {test: "TestAScriptOperates"},
		"./bauta customers import-known --config bauta.yaml --business acme --file numbers.txt":                  {prints: "2 lines"},
		"./bauta customers export --config bauta.yaml --business acme --number-stdin < number.txt > answer.json": {test: "TestTheOperatorExportsAndErases"},
		"./bauta customers erase --config bauta.yaml --business acme --number-stdin < number.txt":                {test: "TestTheOperatorExportsAndErases"},
		"./bauta doctor --config bauta.yaml --send-test-event":                                                   {test: "TestTheDoctorSendsATestEvent"},
		"./bauta consents verify --config bauta.yaml":                                                            {prints: "acme"},
		"./bauta consents export --config bauta.yaml --business acme --out acme.jsonl":                           {prints: ""},
		"./bauta events balance --config bauta.yaml --since 24h":                                                 {prints: "ACCEPTED"},
		"./bauta events reconcile --config bauta.yaml --dry-run":                                                 {test: "TestScripts"},
		"./bauta audit list --config bauta.yaml --business acme --since 24h":                                     {prints: ""},
		"./bauta keys rotate --config bauta.yaml":                                                                {test: "TestAKeyThatIsNeededIsNotDestroyed"},
		"./bauta keys list --config bauta.yaml --usage":                                                          {test: "TestTheWrappingKeyIsReplacedUnderLoad"},
		"./bauta keys rotate --config bauta.yaml --destroy-old":                                                  {test: "TestAKeyThatIsNeededIsNotDestroyed"},
		"make chaos ROUNDS=3 SEED=1":                                                                             {test: "TestFaults"},
		"make speed":                                                                                             {test: "TestTheSpeedIsMeasured"},
		"make speed-scale MANY=100,10000,250000":                                                                 {test: "TestTheCostAmongManyIsMeasured"},
		"make test":                                                                                              {stage: "make test"},
		// The rest of check is gofmt, go mod tidy and the linter.
		"make check": {stage: "make test"},
		// CI begins with a clone.
		"git clone <this repository> && cd bauta": {stage: "go mod verify"},
	}
}

// curlCommand is the README's way to send without any software.
const curlCommand = `curl https://bauta.example/v25.0/106540352242922/messages -H "Authorization: Bearer $BAUTA_TOKEN" -H 'Content-Type: application/json' ` +
	`-d '{"messaging_product": "whatsapp", "to": "IT.9041174520836617350284", "type": "text", "text": {"body": "Hello"}}'`

// The README's calls of the management API.
const (
	managed      = `http://127.0.0.1:9090/v1/customers/IT.9041174520836617350284`
	managing     = ` -H "Authorization: Bearer $BAUTA_MANAGE_TOKEN"`
	curlView     = `curl ` + managed + managing
	curlRequest  = `curl -X POST ` + managed + `/share-requests` + managing + ` -H 'Idempotency-Key: ask-17'`
	curlWithdraw = `curl -X DELETE ` + managed + `/sharing` + managing
	curlErase    = `curl -X DELETE ` + managed + managing
)

// blocks are the fenced code blocks of a document in one language.
func blocks(t *testing.T, document, language string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", document))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, found := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllSubmatch(text, -1) {
		out = append(out, string(found[1]))
	}
	return out
}

// commands are the lines of shell blocks, without comments and double spaces, in
// their order.
func commands(t *testing.T, document string) []string {
	t.Helper()
	var out []string
	for _, p := range pieces(t, document) {
		if p.unproven || p.language != "sh" && p.language != "bash" {
			continue
		}
		for line := range strings.Lines(strings.ReplaceAll(p.text, "\\\n", " ")) {
			line, _, _ = strings.Cut(line, " # ")
			if line = strings.Join(strings.Fields(line), " "); line != "" {
				out = append(out, line)
			}
		}
	}
	return out
}

func TestEveryDocumentedCommandIsProven(t *testing.T) {
	t.Parallel()
	known, seen, tests := documented(), map[string]bool{}, sources(t)
	for _, document := range inPieces(t) {
		for _, command := range commands(t, document) {
			seen[command] = true
			if _, ok := known[command]; !ok {
				t.Errorf("%s: nothing proves that %q works: add it to the table of this test", document, command)
			}
		}
	}
	ci, err := os.ReadFile("../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	for command, by := range known {
		switch {
		case !seen[command]:
			t.Errorf("%q is documented nowhere any more", command)
		case by.stage != "" && !strings.Contains(string(ci), "\nstage "+by.stage+"\n"):
			t.Errorf("%q: .ci/run has no stage %q", command, by.stage)
		case by.test != "" && !strings.Contains(tests, "\nfunc "+by.test+"(t *testing.T)"):
			t.Errorf("%q: there is no test %s", command, by.test)
		}
	}
}

// sources are the texts of this package's tests, and of those in a browser.
func sources(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files (%v)", err)
	}
	browser, err := filepath.Glob("browser/*_test.go")
	if err != nil || len(browser) == 0 {
		t.Fatalf("no test files in browser (%v)", err)
	}
	files = append(files, browser...)
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// The README's curl command, but for the address, the token and the handle.
func TestTheReadmesCurlSends(t *testing.T) {
	t.Parallel()
	c := converse(t, setup{}, ada())
	handle := c.hears(t, simulator.Message{From: ada(), Type: "text", Content: simulator.Part{{Name: "body", Value: "Hello"}}, Ad: ctwa()}).header.Get("Bauta-Handle")
	command := strings.NewReplacer("https://bauta.example", c.public, "$BAUTA_TOKEN", c.token, "IT.9041174520836617350284", handle).Replace(curlCommand)
	out, err := exec.CommandContext(t.Context(), "sh", "-c", command+" --silent --show-error").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s (curl is needed: make test installs it on Debian)", err, out)
	}
	if got := in(t, string(out), "contacts", 0, "user_id"); got != handle {
		t.Errorf("the answer names %q, want the handle: %s", got, out)
	}
	if got := c.graph.Phone(ada()); len(got) != 1 || got[0].Text != "Hello" {
		t.Errorf("on the phone: %+v", got)
	}
}

// The README's pieces of code are those of programs that run: the one for Node in
// TestPublishedClientsHoldAConversation, the one for Go here.
func TestTheReadmesCodeIsThatOfTheClients(t *testing.T) {
	t.Parallel()
	for language, file := range map[string]string{"js": "testdata/clients/kapso.mjs", "go": "testdata/clients/golang/main.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, shown, begun := strings.Cut(string(source), "// documented: begin\n")
		shown, _, ended := strings.Cut(shown, "// documented: end")
		if !begun || !ended {
			t.Fatalf("%s has no documented piece", file)
		}
		got := strings.Join(blocks(t, "deploy/reference/connect.md", language), "")
		if diff := cmp.Diff(strings.TrimSpace(shown), strings.TrimSpace(got)); diff != "" {
			t.Errorf("the document's %s is not that of %s:\n%s", language, file, diff)
		}
	}
	c := converse(t, setup{}, ada())
	question := simulator.Text(ada(), "Are you open?")
	question.Ad = ctwa()
	heard := c.hears(t, question)
	handle, asked := heard.header.Get("Bauta-Handle"), in(t, heard.body, "entry", 0, "changes", 0, "value", "messages", 0, "id")
	cmd := exec.CommandContext(t.Context(), "go", "run", "./testdata/clients/golang", handle, asked, "Until nine")
	cmd.Env = append(cmd.Environ(), "BAUTA_URL="+c.public, "BAUTA_TOKEN="+c.token, "PHONE_NUMBER_ID="+business().PhoneNumberID)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	arrived := c.graph.Phone(ada())
	if len(arrived) != 1 || arrived[0].Text != "Until nine" || arrived[0].Quoted == nil || !strings.HasPrefix(string(out), "wamid.") {
		t.Errorf("on the phone: %+v; printed %s", arrived, out)
	}
}

// The README's commands, as they are written and in their order. What is put in
// their place: where the binary goes to, the environment, and the Redis.
func TestTheReadmesCommandsWork(t *testing.T) {
	t.Parallel()
	folder, server := t.TempDir(), redistest.Standalone(t)
	configuration := small(t)
	if !strings.Contains(configuration, `"redis://127.0.0.1:6379/0"`) {
		t.Fatal("the README's configuration names another Redis than this test replaces")
	}
	configuration = strings.Replace(configuration, "redis://127.0.0.1:6379/0", server.URL, 1)
	if err := os.WriteFile(filepath.Join(folder, "bauta.yaml"), []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "numbers.txt"), []byte("+16505550123\n+16505550124\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	known, ran := documented(), 0
	var all []string
	for _, document := range inPieces(t) {
		all = append(all, commands(t, document)...)
	}
	for _, command := range all {
		by := known[command]
		if by.stage+by.test != "" {
			continue
		}
		ran++
		in := folder
		if strings.HasPrefix(command, "go ") {
			in, command = "..", strings.Replace(command, "-o bauta ", "-o '"+filepath.Join(folder, "bauta")+"' ", 1)
		}
		out, err := shell(t, in, command)
		if err != nil || !strings.Contains(out, by.prints) {
			t.Errorf("%s: %v, it says\n%s", command, err, out)
		}
		sweep(t, command, afterwards(out), "15550001234")
	}
	if ran < 8 {
		t.Errorf("only %d commands were run", ran)
	}
}

// afterwards is what a command shows of an event when it was masked: the demo
// shows it before as well, with another number.
func afterwards(out string) string {
	if strings.Contains(out, "Meta sends") {
		return ""
	}
	return out
}

// shell runs a command line with the README's environment variables set.
func shell(t *testing.T, folder, line string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", line)
	cmd.Dir = folder
	cmd.Env = append(cmd.Environ(), "META_VERIFY_TOKEN=a", "META_APP_SECRET=b", "ACME_META_TOKEN=c", "CRM_SECRET="+crmSecret)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// small is the README's small configuration.
func small(t *testing.T) string {
	t.Helper()
	for _, block := range blocks(t, "README.md", "yaml") {
		if strings.HasPrefix(block, "redis:") {
			return block
		}
	}
	t.Fatal("the README has no small configuration that begins with redis:")
	return ""
}

// The reference's pieces of configuration belong to a business, and pass the check there.
func TestDocumentedPiecesOfConfigurationPass(t *testing.T) {
	t.Parallel()
	pieces := 0
	for _, block := range slices.Concat(blocks(t, "deploy/reference/hiding.md", "yaml"), blocks(t, "deploy/reference/sharing.md", "yaml")) {
		pieces++
		folder := t.TempDir()
		indented := "    " + strings.ReplaceAll(strings.TrimSpace(block), "\n", "\n    ") + "\n"
		text := strings.Replace(small(t), "    endpoints:\n", indented+"    endpoints:\n", 1)
		if err := os.WriteFile(filepath.Join(folder, "bauta.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		path, err := binary()
		if err != nil {
			t.Fatal(err)
		}
		if out, err := shell(t, folder, "'"+path+"' keys init && '"+path+"' config check --config bauta.yaml"); err != nil {
			t.Errorf("%v: %s\n%s", err, out, block)
		}
	}
	if pieces < 2 {
		t.Errorf("there are only %d", pieces)
	}
}

// Every target of make that the documents name is there.
func TestDocumentedTargetsAreThere(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, document := range []string{"README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "MEASUREMENTS.md"} {
		text, err := os.ReadFile(filepath.Join("..", document))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile("[`\n]make ([a-z0-9-]+)").FindAllSubmatch(text, -1) {
			named[string(found[1])] = true
		}
	}
	if len(named) < 5 {
		t.Errorf("only %d targets are named", len(named))
	}
	for _, target := range slices.Sorted(maps.Keys(named)) {
		if !regexp.MustCompile(`(?m)^` + target + `:.*## `).Match(makefile) {
			t.Errorf("make %s is documented, and make help does not list it", target)
		}
	}
}
