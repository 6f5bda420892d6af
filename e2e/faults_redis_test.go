package e2e

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"bauta/redis/redistest"
)

// refusals are what Redis says of the states in which it takes nothing (redis/docs:
// replication, cluster-spec, persistence, acl), and what /readyz makes of them: it
// waits for Redis, and needs no restart.
func refusals() map[string]struct{ answer, says string } {
	return map[string]struct{ answer, says string }{
		"it became a replica":           {"-READONLY You can't write against a read only replica.\r\n", "READONLY"},
		"it loads its data":             {"-LOADING Redis is loading the dataset in memory\r\n", "LOADING"},
		"its master is down":            {"-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n", "MASTERDOWN"},
		"the cluster is down":           {"-CLUSTERDOWN The cluster is down\r\n", "CLUSTERDOWN"},
		"the slot moved":                {"-MOVED 3999 127.0.0.1:1\r\n", "MOVED"},
		"the slot is moving":            {"-ASK 3999 127.0.0.1:1\r\n", "ASK"},
		"the slot is in two halves":     {"-TRYAGAIN Multiple keys request during rehashing of slot\r\n", "TRYAGAIN"},
		"its memory is full":            {"-OOM command not allowed when used memory > 'maxmemory'.\r\n", "OOM"},
		"its disk is full":              {"-MISCONF Errors writing to the AOF file: No space left on device\r\n", "MISCONF"},
		"it wants other credentials":    {"-NOAUTH Authentication required.\r\n", "NOAUTH"},
		"its user may not":              {"-NOPERM this user has no permissions to run the 'evalsha' command\r\n", "NOPERM"},
		"it has too few replicas":       {"-NOREPLICAS Not enough good replicas to write.\r\n", "NOREPLICAS"},
		"it is busy with a script":      {"-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n", "BUSY"},
		"it has too many clients":       {"-ERR max number of clients reached\r\n", "MAXCLIENTS"},
		"it answers nothing":            {redistest.Silence, "it does not answer"},
		"it breaks every connection":    {redistest.Cut, "it does not answer"},
		"replies to writes do not come": {redistest.Lost, "it does not answer"},
	}
}

// Whatever Redis says: the platform is told to come again, scrapes say that they
// failed, and when Redis is back everything goes on by itself, in order: what is
// received, what waits, gauges, and Bauta's own messages.
func TestNothingThatRedisSaysStopsAWorker(t *testing.T) {
	t.Parallel()
	for name, row := range refusals() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Standalone(t)
			b := server.Between(t)
			s := decides(t, setup{Server: server, Redis: b.URL}, ada(), bea())
			s.crm.answer(http.StatusServiceUnavailable)
			s.send(t, says(ada(), "3A0341", "before", nil))
			s.crm.attempts(t, 1)
			b.Says(func([]string) string { return row.answer })
			during := says(bea(), "3A0342", "during", ctwa())
			refused := s.signed(t, during)
			if seconds, err := strconv.Atoi(refused.header.Get("Retry-After")); refused.status != http.StatusServiceUnavailable || err != nil || seconds < 1 {
				t.Errorf("answered %d with Retry-After %q, want 503 and seconds", refused.status, refused.header.Get("Retry-After"))
			}
			s.ready(t, http.StatusServiceUnavailable, `"status":"stuck"`)
			s.ready(t, http.StatusServiceUnavailable, row.says)
			if status, _ := s.get(t, s.public+"/healthz"); status != http.StatusOK {
				t.Errorf("/healthz is %d: a restart would not help", status)
			}
			s.wantMetric(t, "bauta_store_scrape_failed", "1")
			b.Says(nil)
			s.crm.answer(http.StatusOK)
			s.ready(t, http.StatusOK, `"status":"ok"`)
			s.wantMetric(t, "bauta_store_scrape_failed", "0")
			s.send(t, during)
			s.send(t, says(ada(), "3A0343", "after", nil))
			s.writes(t, bea(), "later", nil)
			s.on(t, bea(), 1) // the question: errands go on
			got := s.crm.wait(t, 4)
			order := map[string]string{}
			for _, d := range got {
				for word, who := range map[string]string{"before": "ada", "during": "bea", "after": "ada", "later": "bea"} {
					if strings.Contains(d.body, `"body":"`+word+`"`) {
						order[who] += " " + word
					}
				}
			}
			if len(got) != 4 || order["ada"] != " before after" || order["bea"] != " during later" {
				t.Errorf("%d deliveries, want 4; in the two conversations %v, want them in order", len(got), order)
			}
		})
	}
}

// What waits for Redis says so part by part, until it is back.
func TestDeliveryThatWaitsForRedisIsStuck(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	b := server.Between(t)
	s := start(t, setup{Server: server, Redis: b.URL})
	b.Says(func([]string) string { return "-LOADING Redis is loading the dataset in memory\r\n" })
	s.ready(t, http.StatusServiceUnavailable, `"delivery":"stuck: due lanes could not be listed`)
	b.Says(nil)
	s.ready(t, http.StatusOK, `"delivery":"ok"`)
}

// A server that keeps no script is slow and nothing else.
func TestAServerThatForgetsEveryScriptIsUsable(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	b := server.Between(t)
	s := start(t, setup{Server: server, Redis: b.URL})
	b.Says(func(command []string) string {
		if strings.EqualFold(command[0], "EVALSHA") {
			return "-NOSCRIPT No matching script. Please use EVAL.\r\n"
		}
		return ""
	})
	s.send(t, says(ada(), "3A0351", "one", ctwa()))
	s.send(t, says(ada(), "3A0352", "two", nil))
	s.crm.wait(t, 2)
}
