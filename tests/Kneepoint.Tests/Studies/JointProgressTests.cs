using Kneepoint.Studies;

namespace Kneepoint.Tests.Studies;

public sealed class JointProgressTests
{
    [Fact]
    public void Parts_that_run_at_once_are_shown_as_one()
    {
        var shown = new List<(long Done, long Total)>();
        var joint = new JointProgress("accuracy", at => shown.Add((at.Done, at.Total)));

        using (var first = joint.Begin(100))
        using (var second = joint.Begin(50))
        {
            first.Show(30);
            second.Show(20);
            first.Show(100);
        }

        Assert.Equal([(30, 150), (50, 150), (120, 150)], shown);
    }

    [Fact]
    public void A_part_that_ends_early_counts_as_done_and_the_next_round_begins_anew()
    {
        var shown = new List<(long Done, long Total)>();
        var joint = new JointProgress("accuracy", at => shown.Add((at.Done, at.Total)));

        using (var whole = joint.Begin(100))
        {
            using (var dropped = joint.Begin(100)) dropped.Show(10);
            whole.Show(50);
        }

        using (var next = joint.Begin(100)) next.Show(25);

        Assert.Equal([(10, 200), (150, 200), (25, 100)], shown);
    }
}
