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
            mixer.Add(good == 0 ? told : noise);
            mixer.Add(good == 0 ? noise : told);
            int logOdds = mixer.Mix(0);
            mixer.Update(bit);
            if (i >= 2000 && (bit != 0 ? logOdds : -logOdds) > 700) right++;
        }

        Assert.Equal(1000, right);
    }

    [Fact]
    public void Equal_weights_are_the_mean_at_first() => Gen.Int[-Logistic.Most, Logistic.Most].Array[4].Sample(inputs =>
    {
        var mixer = new Mixer(4, 3, 6, 65536 / 4);
        foreach (int input in inputs) mixer.Add(input);
        return Math.Abs(mixer.Mix(1) - inputs.Average()) <= 1;
    });

    [Fact]
    public void Sets_learn_apart()
    {
        var mixer = new Mixer(1, 2, 6, 65536);
        for (int i = 0; i < 1000; i++)
        {
            mixer.Add(500);
            mixer.Mix(0);
            mixer.Update(0);
        }

        mixer.Add(500);
        Assert.Equal(500, mixer.Mix(1));
        mixer.Update(1);
        mixer.Add(500);
        Assert.True(mixer.Mix(0) < -500);
    }

    [Fact]
    public void The_log_odds_stay_in_their_range_whatever_comes()
    {
        var mixer = new Mixer(3, 1, 64, 1 << 22);
        for (int i = 0; i < 5000; i++)
        {
            for (int k = 0; k < 3; k++) mixer.Add(i % 7 == 0 ? -Logistic.Most : Logistic.Most);
            Assert.InRange(mixer.Mix(0), -Logistic.Most, Logistic.Most);
            mixer.Update(i & 1);
        }
    }
}
