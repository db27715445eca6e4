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
        meter.Take("trials", 20, 40, "");

        Assert.Equal("trial 21 of 40 · 2.0 s each · 40 s left", meter.Text());
    }

    [Fact]
    public void What_is_done_once_is_not_charged_to_trials()
    {
        var meter = new ProgressMeter(_clock);
        Report(meter, "trials", 0, TimeSpan.FromSeconds(30));
        Report(meter, "trials", 1, TimeSpan.Zero);
        Report(meter, "sensitivity", 3, TimeSpan.FromSeconds(300), isOnce: true);
        Assert.Equal("trial 2 of 41 · sensitivity 7 %", meter.Text());
        Report(meter, "planning", 0, TimeSpan.FromSeconds(1));
        Report(meter, "trials", 1, TimeSpan.FromSeconds(11));
        Report(meter, "trials", 2, TimeSpan.FromSeconds(2));
        Report(meter, "trials", 3, TimeSpan.FromSeconds(2));
        Report(meter, "trials", 4, TimeSpan.FromSeconds(2));
        Report(meter, "trials", 5, TimeSpan.FromSeconds(2));
        Report(meter, "trials", 5, TimeSpan.Zero);

        Assert.Equal("trial 6 of 41 · 5.0 s each · 3 min 00 s left", meter.Text());
    }

    [Fact]
    public void A_batch_whose_trials_were_started_together_does_not_change_the_pace_before_it_ends()
    {
        var meter = new ProgressMeter(_clock);
        Report(meter, "trials", 1, TimeSpan.FromSeconds(8));
        Report(meter, "trials", 5, TimeSpan.Zero);
        Report(meter, "trials", 5, TimeSpan.FromSeconds(100));
        Report(meter, "trials", 6, TimeSpan.Zero);

        Assert.Equal("trial 7 of 41 · 2.0 s each · 1 min 10 s left", meter.Text());
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

    [Fact]
    public void Bug_the_time_left_went_beyond_the_time_limit()
    {
        var meter = new ProgressMeter(_clock);
        meter.EndsAfter(TimeSpan.FromSeconds(60));
        Report(meter, "trials", 1, TimeSpan.FromSeconds(8));
        Assert.Equal("trial 2 of 41 · 52 s left until the time limit", meter.Text());
        Report(meter, "trials", 5, TimeSpan.Zero);
        Report(meter, "trials", 5, TimeSpan.Zero);
        Assert.Equal("trial 6 of 41 · 2.0 s each · 52 s left until the time limit", meter.Text());
        _clock.Advance(TimeSpan.FromSeconds(2));
        meter.Take("trials", 39, 41, "");

        Assert.Equal("trial 40 of 41 · 2.0 s each · 4 s left", meter.Text());
    }

    void Report(ProgressMeter meter, string stage, long done, TimeSpan takes, bool isOnce = false)
    {
        meter.Take(stage, done, 41, "", isOnce);
        _clock.Advance(takes);
    }

    [Theory]
    [InlineData(0.2, "1 s")]
    [InlineData(59.4, "60 s")]
    [InlineData(75, "1 min 15 s")]
    [InlineData(7320, "2 h 02 min")]
    public void Durations_read_as_people_say_them(double seconds, string expected) => Assert.Equal(expected, ProgressMeter.Duration(seconds));
}
