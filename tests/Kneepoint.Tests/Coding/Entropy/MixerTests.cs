using CsCheck;
using Kneepoint.Coding.Entropy;

namespace Kneepoint.Tests.Coding.Entropy;

public sealed class MixerTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void It_learns_which_of_two_predictions_to_trust(int good)
    {
        var random = new Random(3);
        var mixer = new Mixer(2, 1, 6, 65536 / 2);
        int right = 0;
        for (int i = 0; i < 3000; i++)
        {
            int bit = random.Next(2);
            int told = bit != 0 ? 512 : -512, noise = random.Next(2) == 0 ? 512 : -512;
            int[] inputs = Inputs(good == 0 ? [told, noise] : [noise, told]);
            int logOdds = mixer.Mix(inputs, 0);
            mixer.Update(inputs, bit);
            if (i >= 2000 && (bit != 0 ? logOdds : -logOdds) > 700) right++;
        }

        Assert.Equal(1000, right);
    }

    [Fact]
    public void Equal_weights_are_the_mean_at_first() => Gen.Int[-Logistic.Most, Logistic.Most].Array[4].Sample(inputs =>
    {
        var mixer = new Mixer(4, 3, 6, 65536 / 4);
        return Math.Abs(mixer.Mix(Inputs(inputs), 1) - inputs.Average()) <= 1;
    });

    [Fact]
    public void Sets_learn_apart()
    {
        var mixer = new Mixer(1, 2, 6, 65536);
        for (int i = 0; i < 1000; i++)
        {
            mixer.Mix(Inputs(500), 0);
            mixer.Update(Inputs(500), 0);
        }

        Assert.Equal(500, mixer.Mix(Inputs(500), 1));
        mixer.Update(Inputs(500), 1);
        Assert.True(mixer.Mix(Inputs(500), 0) < -500);
    }

    [Fact]
    public void The_log_odds_stay_in_their_range_whatever_comes()
    {
        var mixer = new Mixer(Mixer.MostInputs, 1, 15, (1 << 20) - 1);
        for (int i = 0; i < 5000; i++)
        {
            int[] inputs = Inputs([.. Enumerable.Repeat(i % 7 == 0 ? -Logistic.Most : Logistic.Most, Mixer.MostInputs)]);
            int logOdds = mixer.Mix(inputs, 0);
            Assert.InRange(logOdds, -Logistic.Most, Logistic.Most);
            if (i == 0) Assert.True(logOdds < 0);
            mixer.Update(inputs, i & 1);
        }
    }

    static int[] Inputs(params int[] odds)
    {
        int[] inputs = Mixer.NewInputs(odds.Length);
        odds.CopyTo(inputs, 0);
        return inputs;
    }
}
