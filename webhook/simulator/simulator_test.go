package simulator_test

import (
	"encoding/json"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

// The synthetic ids of the platform notes, section 4.
func TestMessageIDsAreShapedLikeThePlatforms(t *testing.T) {
	t.Parallel()
	phone := simulator.Person{Number: "15550001234", UserID: "US.1000200030004000"}
	hidden := phone
	hidden.Hides = true
	for name, c := range map[string]struct{ got, want string }{
		"inbound, phone": {
			simulator.MessageID(phone, false, "3A00112233445566AABB"),
			"wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMTEyMjMzNDQ1NTY2QUFCQgA=",
		},
		"outbound, phone": {
			simulator.MessageID(phone, true, "00112233445566AABB"),
			"wamid.HBgLMTU1NTAwMDEyMzQVAgARGBIwMDExMjIzMzQ0NTU2NkFBQkIA",
		},
		"inbound, user id": {
			simulator.MessageID(hidden, false, "3A00112233445566AABB"),
			"wamid.HBgTVVMuMTAwMDIwMDAzMDAwNDAwMBUUABIYFDNBMDAxMTIyMzM0NDU1NjZBQUJCAA==",
		},
	} {
		if c.got != c.want {
			t.Errorf("%s\n got %s\nwant %s", name, c.got, c.want)
		}
	}
}

// The signature's vector is the platform documents'.
func TestSign(t *testing.T) {
	t.Parallel()
	got := simulator.Sign("test_app_secret", []byte(`{"object":"whatsapp_business_account","entry":[]}`))
	if want := "sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTrafficIsRepeatableJSON(t *testing.T) {
	t.Parallel()
	b := simulator.Business{WABA: "1", PhoneNumberID: "2", Number: "15550783881"}
	one, two := simulator.NewTraffic(b, 10, 7), simulator.NewTraffic(b, 10, 7)
	at := time.Unix(1789000000, 0)
	for range 100 {
		x, y := one.Next(at), two.Next(at)
		if string(x) != string(y) {
			t.Fatal("the same seed sends other traffic")
		}
		if !json.Valid(x) {
			t.Fatalf("not JSON: %s", x)
		}
	}
}
