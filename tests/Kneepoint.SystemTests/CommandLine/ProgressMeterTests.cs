using Kneepoint.App;
using Microsoft.Extensions.Time.Testing;

namespace Kneepoint.SystemTests.CommandLine;

public sealed class ProgressMeterTests
{
    readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Time_left_follows_from_the_trials_of_this_process_alone()
    {
        var meter = new ProgressMeter(_clock);
        meter.Take("trials", 10, 40, "");
        _clock.Advance(TimeSpan.FromSeconds(20));
        meter.Take("trials", 20, 40, "");

        Assert.Equal("trial 21 of 40 · 2.0 s each · 40 s left", meter.Text());
    }

    [Fact]
    public void A_stage_that_comes_back_starts_its_pace_anew()
    {
        var meter = new ProgressMeter(_clock);
        meter.Take("sensitivity", 0, 10, "");
        _clock.Advance(TimeSpan.FromSeconds(100));
        meter.Take("sensitivity", 10, 10, "");
        meter.Take("sensitivity", 0, 10, "");
        _clock.Advance(TimeSpan.FromSeconds(1));
        meter.Take("sensitivity", 5, 10, "");

        Assert.Equal("sensitivity 50 % · 5/s · 1 s left", meter.Text());
    }

    [Fact]
    public void A_report_at_the_first_moment_states_no_rate()
    {
        var meter = new ProgressMeter(_clock);
        meter.Take("trials", 11, 32, "");
        meter.Take("accuracy", 1920, 3000, "");

        Assert.Equal("trial 12 of 32 · accuracy 64 %", meter.Text());
    }

    [Theory]
    [InlineData(0.2, "1 s")]
    [InlineData(59.4, "60 s")]
    [InlineData(75, "1 min 15 s")]
    [InlineData(7320, "2 h 02 min")]
    public void Durations_read_as_people_say_them(double seconds, string expected) => Assert.Equal(expected, ProgressMeter.Duration(seconds));
}
