using Kneepoint.Search;
using Kneepoint.Studies;

namespace Kneepoint.Tests.Studies;

public sealed class CalibrationProbeTests
{
    static readonly CalibrationProbe Probe = new(new Sensitivity(0.1, 0.01, 64), 1000, double.NaN, 900, 5000, 40_000, 1500);

    [Fact]
    public void A_probe_comes_back_from_its_bytes()
    {
        Assert.Equal(Probe, CalibrationProbe.Of(Probe.ToBytes()));
        Assert.Equal(CalibrationProbe.None, CalibrationProbe.Of(CalibrationProbe.None.ToBytes()));
        Assert.Null(CalibrationProbe.Of(null));
        Assert.Null(CalibrationProbe.Of(Probe.ToBytes()[..^1]));
    }

    [Fact]
    public void Bug_a_damaged_probe_was_taken_for_a_measurement_and_not_made_again()
    {
        CalibrationProbe[] damaged =
        [
            Probe with { Divergence = Probe.Divergence with { Loss = -5 } },
            Probe with { Divergence = Probe.Divergence with { Loss = double.NaN } },
            Probe with { FileBytes = -1 },
            Probe with { PackedBytes = double.PositiveInfinity },
            Probe with { Macs = double.NegativeInfinity },
            Probe with { EstimatedNanoseconds = -1 },
        ];

        Assert.All(damaged, probe => Assert.Null(CalibrationProbe.Of(probe.ToBytes())));
    }
}
