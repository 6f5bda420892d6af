package ads_test

import (
	"fmt"
	"testing"

	"bauta/ads"
)

func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{0, 1, 10, 100} {
		b.Run(fmt.Sprintf("%d rules", n), func(b *testing.B) {
			p := ads.Policy{Business: "acme"}
			for i := range n {
				p.Rules = append(p.Rules, hide(fmt.Sprintf("r%d", i), fmt.Sprintf(`ad.present && customer.country in ["DE", "FR"] && customer.bucket < %d`, i)))
			}
			d := decider(b, ads.Options{Policies: []ads.Policy{p}})
			c := fromAd()
			b.ReportAllocs()
			for b.Loop() {
				if d.Decide(b.Context(), c).Visible {
					b.Fatal("visible")
				}
			}
		})
	}
}
