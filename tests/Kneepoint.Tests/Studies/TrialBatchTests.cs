using Kneepoint.Studies;

namespace Kneepoint.Tests.Studies;

public sealed class TrialBatchTests
{
    [Fact]
    public void The_baseline_is_a_batch_of_its_own_and_then_every_four_trials_are_one()
    {
        Assert.Equal([0, 1, 1, 1, 1, 5, 5, 5, 5, 9], Enumerable.Range(0, 10).Select(TrialBatch.StartOf));
        Assert.Equal([1, 5, 5, 5, 5, 9, 9, 9, 9, 13], Enumerable.Range(0, 10).Select(TrialBatch.EndOf));
    }
}
